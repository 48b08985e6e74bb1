/** The first page: the services, and how an app gets to its data. */
import { listResourceGroups, portalPathOf } from "../api/arm.ts";
import { useLoad } from "../api/use-load.ts";
import { Blade } from "../components/blade.tsx";
import { Icon } from "../components/icon.tsx";
import { Link } from "../router/link.tsx";
import { services } from "../shell/services.ts";
import { shell } from "../texts/shell.ts";

/** Resource groups shown at first sight. */
const maxGroups = 8;

export default function Home() {
  const groups = useLoad(listResourceGroups, []);
  const shown = (groups.data ?? []).slice(0, maxGroups);
  return (
    <Blade title={shell.homeTitle} icon="home">
      <section className="stack">
        <h2 className="title2">{shell.homeServices}</h2>
        <div className="cards">
          {services.map(({ name, path, icon }) => (
            <Link key={path} to={path} className="card">
              <Icon name={icon} />
              {name}
            </Link>
          ))}
        </div>
      </section>
      {shown.length === 0 ? undefined : (
        <section className="stack">
          <h2 className="title2">{shell.homeGroups}</h2>
          <ul className="stack">
            {shown.map(({ id, name }) => (
              <li key={id}>
                <Link to={portalPathOf(id)}>
                  <bdi>{name}</bdi>
                </Link>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section className="stack">
        <h2 className="title2">{shell.homeStart}</h2>
        <ol className="steps">
          {shell.homeSteps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </section>
    </Blade>
  );
}
