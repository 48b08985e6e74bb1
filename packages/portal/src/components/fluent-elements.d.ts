/** What JSX may write of the Fluent elements. */
import type { HTMLAttributes, Key, Ref } from "react";

type ElementProps = HTMLAttributes<HTMLElement> & {
  readonly ref?: Ref<HTMLElement>;
  readonly slot?: string;
  readonly key?: Key;
};

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "fluent-button": ElementProps & {
        readonly appearance?: "primary" | "outline" | "subtle" | "transparent" | undefined;
        readonly size?: "small" | "medium" | "large";
        readonly disabled?: boolean;
        readonly "icon-only"?: boolean;
        readonly type?: "button" | "submit" | "reset";
      };
      "fluent-badge": ElementProps & {
        readonly appearance?: "filled" | "ghost" | "outline" | "tint";
        readonly color?: "brand" | "danger" | "important" | "informative" | "severe" | "subtle" | "success" | "warning";
        readonly size?: "small" | "medium" | "large";
      };
      "fluent-spinner": ElementProps & { readonly size?: "tiny" | "small" | "medium" | "large" };
    }
  }
}
