/** The dialog that finds users, groups and apps, and picks some of them. */
import { useState } from "react";
import { type Principal, principalOf } from "../../api/access.ts";
import { type DirectoryObject, graphPage, searchClause } from "../../api/graph.ts";
import { useLoad, useRested } from "../../api/use-load.ts";
import { Button, IconButton } from "../../components/button.tsx";
import { Panel } from "../../components/dialog.tsx";
import { TextField } from "../../components/form.tsx";
import { Icon } from "../../components/icon.tsx";
import { ErrorMessage, Loading } from "../../components/message.tsx";
import { PrincipalName } from "../../components/principal-name.tsx";
import { shortName } from "../../components/short-name.ts";
import { access } from "../../texts/access.ts";
import { common } from "../../texts/common.ts";

const { members: text } = access;

/** Principals shown of each kind. */
const maxOfKind = 20;

export type MemberKind = "users" | "groups" | "servicePrincipals";

const kinds: Readonly<Record<MemberKind, { readonly type: Principal["type"]; readonly select: string }>> = {
  users: { type: "User", select: "id,displayName,userPrincipalName" },
  groups: { type: "Group", select: "id,displayName" },
  servicePrincipals: { type: "ServicePrincipal", select: "id,displayName,appId" },
};

async function findMembers(words: string, wanted: readonly MemberKind[], filter: string): Promise<Principal[]> {
  const found = await Promise.all(
    wanted.map(async (kind) => {
      const { type, select } = kinds[kind];
      const search = words === "" ? "" : `&${searchClause(words)}`;
      const restriction = filter === "" ? "" : `&$filter=${encodeURIComponent(filter)}&$count=true`;
      const page = await graphPage<DirectoryObject>(
        `/${kind}?$select=${select}&$top=${maxOfKind}${search}${restriction}`,
      );
      return page.items.map((object) => principalOf(object, type));
    }),
  );
  return found.flat().sort((a, b) => a.displayName.localeCompare(b.displayName, "en"));
}

export function SelectMembers(props: {
  readonly title?: string;
  readonly initial: readonly Principal[];
  readonly kinds?: readonly MemberKind[];
  /** A `$filter` on what is found. */
  readonly filter?: string;
  readonly onSelect: (members: readonly Principal[]) => void;
  readonly onClose: () => void;
  /** Only one is picked. */
  readonly isSingle?: boolean;
}) {
  const { initial, kinds: wanted = ["users", "groups", "servicePrincipals"], filter = "" } = props;
  const [words, setWords] = useState("");
  const [picked, setPicked] = useState<readonly Principal[]>(initial);
  const rested = useRested(words.trim());
  const found = useLoad(() => findMembers(rested, wanted, filter), [rested, wanted.join(" "), filter]);
  const isPicked = (principal: Principal) => picked.some(({ id }) => id === principal.id);
  const rows = (found.data ?? []).filter((principal) => !isPicked(principal));
  const add = (principal: Principal) => setPicked(props.isSingle === true ? [principal] : [...picked, principal]);
  return (
    <Panel
      title={props.title ?? text.title}
      onClose={props.onClose}
      footer={
        <>
          <Button appearance="primary" isDisabled={picked.length === 0} onClick={() => props.onSelect(picked)}>
            {text.action}
          </Button>
          <Button onClick={props.onClose}>{common.close}</Button>
        </>
      }
    >
      <TextField label={text.search} placeholder={text.searchHint} value={words} onChange={setWords} hasFocus />
      {found.error === undefined ? undefined : <ErrorMessage error={found.error} />}
      {found.isLoading && found.data === undefined ? <Loading /> : undefined}
      <ul className="pick-list">
        {rows.map((principal) => (
          <li key={principal.id}>
            <button type="button" onClick={() => add(principal)}>
              <span className="hidden">{common.add} </span>
              <PrincipalName principal={principal} id={principal.id} />
              <Icon name="add" />
            </button>
          </li>
        ))}
      </ul>
      <p className="soft" role="status">
        {found.data !== undefined && rows.length === 0 && picked.length === 0 ? text.nothing : ""}
      </p>
      <h3 className="title3">{text.selected}</h3>
      {picked.length === 0 ? <p className="soft">{text.nobody}</p> : undefined}
      <ul className="pick-list picked">
        {picked.map((principal) => (
          <li key={principal.id}>
            <PrincipalName principal={principal} id={principal.id} />
            <IconButton
              name={access.wizard.removeMember(labelOf(principal))}
              icon="close"
              onClick={() => setPicked(picked.filter(({ id }) => id !== principal.id))}
            />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function labelOf({ displayName }: Principal): string {
  return shortName(displayName);
}
