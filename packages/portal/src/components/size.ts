/** Sizes as the portal writes them. Pure. */

const units = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** @param sizeBytes e.g. 1536, which is `1.5 KiB`. */
export function formatSize(sizeBytes: number): string {
  let size = sizeBytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${size.toLocaleString("en", { maximumFractionDigits: unit === 0 ? 0 : 2 })} ${units[unit]}`;
}
