/** The Fluent elements the portal uses, registered once. Each one costs; what the browser has itself (fields, dialogs) is styled instead. */
import "@fluentui/web-components/badge.js";
import "@fluentui/web-components/button.js";
import "@fluentui/web-components/spinner.js";
