/** Memory that begins at a page, as the disk asks for past the system's cache: nothing but WebAssembly says where what it gives begins. */

/** A page of WebAssembly's. @see https://webassembly.github.io/spec/core/exec/runtime.html#page-size */
const machinePageBytes = 65_536;

/** What is used of WebAssembly, which is there in every runtime and not in the types of Node. */
type Machinery = {
  readonly Memory: new (limits: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }) => { readonly buffer: SharedArrayBuffer };
};

/** Memory of at least so many bytes, all zero, that threads can share. */
export function makePages(sizeBytes: number): SharedArrayBuffer {
  const { Memory } = (globalThis as unknown as { readonly WebAssembly: Machinery }).WebAssembly;
  const pages = Math.ceil(sizeBytes / machinePageBytes);
  return new Memory({ initial: pages, maximum: pages, shared: true }).buffer;
}
