/** The frame of a page: breadcrumb, heading, commands, an optional menu of sections at the side, content. */
import { type ReactNode, useEffect, useRef } from "react";
import { Link } from "../router/link.tsx";
import { usePath } from "../router/location.ts";
import { common } from "../texts/common.ts";
import { type Command, CommandBar } from "./command-bar.tsx";
import { Icon, type IconName } from "./icon.tsx";

export type Crumb = { readonly text: string; readonly to: string };

export type Section = { readonly key: string; readonly text: string; readonly icon: IconName; readonly to: string };

export type SectionGroup = { readonly title?: string; readonly sections: readonly Section[] };

export type BladeProps = {
  readonly title: string;
  /** What kind of thing it is: "Resource group". */
  readonly kind?: string;
  readonly icon: IconName;
  readonly crumbs?: readonly Crumb[];
  readonly commands?: readonly Command[];
  readonly sections?: readonly SectionGroup[];
  readonly children: ReactNode;
};

export function Blade(props: BladeProps) {
  const { title, kind, crumbs = [] } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  const path = usePath();
  useEffect(() => {
    document.title = `${title} - ${common.product}`;
  }, [title]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new place is read out from its heading on
  useEffect(() => {
    const present = document.activeElement;
    // A field of the page that asked for the focus keeps it.
    if (present?.closest(".blade-content, dialog[open]") == null) heading.current?.focus({ preventScroll: true });
  }, [path]);
  return (
    <div className="blade">
      <nav className="crumbs" aria-label={common.breadcrumb}>
        {[{ text: common.home, to: "/portal" }, ...crumbs].map(({ text, to }) => (
          <span key={to}>
            <Link to={to}>
              <bdi>{text}</bdi>
            </Link>
            <Icon name="chevron" />
          </span>
        ))}
      </nav>
      <header className="blade-head">
        <Icon name={props.icon} className="icon head" />
        <div className="blade-title">
          <h1 ref={heading} tabIndex={-1} title={title.length > maxTitleChars ? undefined : title}>
            <bdi>{title}</bdi>
          </h1>
          {kind === undefined ? undefined : <p className="soft">{kind}</p>}
        </div>
      </header>
      <div className={props.sections === undefined ? "blade-body" : "blade-body with-sections"}>
        {props.sections === undefined ? undefined : <Sections groups={props.sections} path={path} title={title} />}
        <div className="blade-content">
          {props.commands === undefined ? undefined : <CommandBar commands={props.commands} label={common.commands} />}
          {props.children}
        </div>
      </div>
    </div>
  );
}

/** Longest title that is shown again on hovering, in characters; our choice. */
const maxTitleChars = 300;

function Sections(props: { readonly groups: readonly SectionGroup[]; readonly path: string; readonly title: string }) {
  return (
    <nav className="sections" aria-label={common.sectionsOf(props.title.slice(0, maxTitleChars))}>
      {props.groups.map(({ title, sections }) => (
        <div key={title ?? ""} className="section-group">
          {title === undefined ? undefined : <h2>{title}</h2>}
          <ul>
            {sections.map(({ key, text, icon, to }) => (
              <li key={key}>
                <Link to={to} className="section" isCurrent={decodeURI(props.path) === decodeURI(to)}>
                  <Icon name={icon} />
                  <span>{text}</span>
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
