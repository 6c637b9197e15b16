// Questions that are asked inside the page; each gives a list of faults, empty when there is none.

// Nothing reaches beyond the width of the window, and no element hides a part of its own text.
export function overflow() {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`the page is ${root.scrollWidth} wide in ${root.clientWidth}`);
  for (const element of document.body.querySelectorAll("*")) {
    if (element.closest(".unseen, .skip") || element.closest("svg") || element.getClientRects().length === 0) continue;
    const box = element.getBoundingClientRect();
    const name = `${element.tagName.toLowerCase()}.${element.className}`;
    if (box.right > root.clientWidth + 0.5 || box.left < -0.5) faults.push(`${name} reaches from ${box.left} to ${box.right}`);
    const block = getComputedStyle(element).display !== "inline";
    if (block && element.scrollWidth > element.clientWidth + 1) faults.push(`${name} hides text at its side`);
  }
  return faults;
}

// One first heading that begins with the verdict; no level is skipped; every section is named by its heading and in the contents.
export function structure(verdict, sections) {
  const faults = [];
  const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")];
  const first = headings.filter((it) => it.tagName === "H1");
  if (first.length !== 1 || !first[0].textContent.includes(verdict)) faults.push(`no single first heading with ${verdict}`);
  let level = 0;
  for (const heading of headings) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) faults.push(`level ${level} is followed by ${next}: ${heading.textContent}`);
    level = next;
  }
  const titles = [...document.querySelectorAll("main h2")].map((it) => it.textContent);
  for (const title of sections) if (!titles.includes(title)) faults.push(`there is no section ${title}`);
  const contents = [...document.querySelectorAll("nav a")].map((it) => it.textContent);
  if (contents.join() !== titles.join()) faults.push(`the contents name ${contents}, the sections are ${titles}`);
  for (const link of document.querySelectorAll('a[href^="#"]')) {
    if (!document.getElementById(link.hash.slice(1))) faults.push(`${link.hash} leads nowhere`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((it) => it.id);
  if (new Set(ids).size !== ids.length) faults.push("an id is there twice");
  for (const name of ["header", "nav", "main", "footer"]) {
    if (document.querySelectorAll(`body ${name}`).length !== 1) faults.push(`not one ${name}`);
  }
  return faults;
}

// Every drawing has words for those who do not see it, and its letters stay inside it and apart from each other.
export function drawings(expected) {
  const faults = [];
  const all = [...document.querySelectorAll("svg")];
  if (all.length !== expected) faults.push(`${all.length} drawings instead of ${expected}`);
  for (const svg of all) {
    const words = (svg.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent);
    if (svg.getAttribute("role") !== "img" || words.length !== 2 || words.some((it) => !it)) faults.push("a drawing without words");
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
    for (const [at, [words, box]] of texts.entries()) {
      const outside = box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
      if (outside) faults.push(`outside its drawing: ${words}`);
      for (const [other, its] of texts.slice(at + 1)) {
        const apart = box.right <= its.left || its.right <= box.left || box.bottom <= its.top + 3 || its.bottom <= box.top + 3;
        if (!apart) faults.push(`"${words}" lies over "${other}"`);
      }
      const card = [...svg.querySelectorAll("rect:not(.track)")].map((it) => it.getBoundingClientRect());
      const around = svg.closest(".chain") && !card.some((it) => it.left < box.left && it.right > box.right && it.top < box.top && it.bottom > box.bottom);
      if (around) faults.push(`not inside a box: ${words}`);
    }
  }
  return faults;
}

// What print shows: no navigation, no buttons, addresses of links.
export function printed() {
  const faults = [];
  for (const element of document.querySelectorAll("nav, button, .skip")) {
    if (element.getClientRects().length > 0) faults.push(`${element.tagName} is printed`);
  }
  for (const link of document.querySelectorAll('a[href^="http"]')) {
    if (!getComputedStyle(link, "::after").content.includes(link.getAttribute("href"))) faults.push(`no address of ${link.textContent}`);
  }
  return faults;
}

// The policy holds: markup that got in would neither run, nor be styled, nor be fetched.
export async function policy() {
  const faults = [];
  const script = document.createElement("script");
  script.textContent = "window.entered = true";
  const styled = document.createElement("p");
  styled.innerHTML = '<span style="position: fixed">x</span>';
  const image = new Image();
  const refused = new Promise((resolve) => {
    image.onload = () => resolve(false);
    image.onerror = () => resolve(true);
  });
  const blocked = [];
  document.addEventListener("securitypolicyviolation", (event) => blocked.push(event.effectiveDirective));
  image.src = `${location.href}?picture`;
  document.body.append(script, styled, image);
  if (window.entered) faults.push("a foreign script ran");
  if (getComputedStyle(styled.firstChild).position === "fixed") faults.push("a foreign style was used");
  if (!(await refused)) faults.push("a picture was fetched");
  for (const directive of ["script-src-elem", "style-src-attr", "img-src"]) {
    if (!blocked.includes(directive)) faults.push(`the policy did not refuse ${directive}`);
  }
  return faults;
}

// WCAG 2.2 AA and good practice, as axe-core judges them.
export async function accessibility() {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations, passes } = await axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
  const faults = violations.flatMap((it) => it.nodes.map((node) => `${it.id}: ${node.target} ${node.failureSummary}`));
  if (passes.length < 20) faults.push(`axe looked at little: ${passes.length} rules passed`);
  return faults;
}
