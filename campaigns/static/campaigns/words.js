// Runs in the preview in the admin. The server has found what is wrong in the draft; this says on which element it stands, for Wagtail's
// content checks. The name of each check is in the configuration that Wagtail has put into the page.
{
  const bar = document.querySelector("wagtail-userbar");
  const configuration = bar?.shadowRoot?.querySelector("#checker-axe-configuration");

  const plain = (text) => (text || "").replace(/\s+/g, " ").trim();
  const says = (element, text) => plain(element.alt ?? element.textContent).includes(text);

  // An element is named if it says the text and no smaller one in it does. What stands nowhere on the page, such as the description for
  // search engines, is named on its title.
  const isNamed = (element, text, texts) => {
    if (says(element, text)) return ![...element.querySelectorAll(texts)].some((inner) => says(inner, text));
    return element.matches("h1") && !plain(document.body.textContent).includes(text);
  };

  const decoded = (name) => {
    try {
      return decodeURIComponent(name);
    } catch {
      return name; // a lone per cent sign
    }
  };
  const leads = (link) => {
    const name = link.hash.slice(1);
    return !name || name === "top" || document.getElementById(decoded(name)) !== null;
  };

  const evaluate = (element, { found = [], whole = false, places = false, texts }) => {
    if (whole) return element !== document.querySelector("h1");
    if (places) return leads(element);
    return !found.some((text) => isNamed(element, text, texts));
  };

  for (const { id } of JSON.parse(configuration?.textContent || "{}").spec?.checks || []) {
    if (id.startsWith("waymark-")) window.wagtail.userbar.registerCheck(id, evaluate);
  }
}
