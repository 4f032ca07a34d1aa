/** The guide (docs/guide) as the node serves it under /help: rendered when the console is built. Knows no files. */
import { Marked, type Tokens } from "marked";

/** A page of the guide: its name without `.md`, and what it says. */
export interface GuidePage {
  name: string;
  markdown: string;
}

/** Each picture's size, px, as they are taken: its room is kept before it has come, so that a link's place does not move away. */
const PICTURE = { width: 1280, height: 720 };

export interface RenderedPage {
  name: string;
  /** Both languages, as the heading has them. */
  title: string;
  html: string;
  /** Ids that a link may point at. */
  sections: { id: string; heading: string }[];
  /** Where its links and pictures lead, as they are written. */
  links: string[];
}

/** `## 4. 待接入 · The waiting list` is `the-waiting-list`: it stays when sections are numbered anew. */
export function sectionId(heading: string): string {
  const english = heading.split(" · ").at(-1) ?? heading;
  return english
    .toLowerCase()
    .replace(/^\d+\.?\s+/, "")
    .replace(/['’]/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

const plain = (text: string) => text.replace(/[*`_]/g, "");
const escaped = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
const outside = (href: string) => /^[a-z]+:/.test(href);
/** `duty.md#swaps` is served as `duty.html#swaps`. */
const served = (href: string) => (outside(href) ? href : href.replace(/\.md(?=#|$)/, ".html"));

export function renderGuide({ name, markdown }: GuidePage): RenderedPage {
  const page: RenderedPage = { name, title: name, html: "", sections: [], links: [] };
  const marked = new Marked({
    gfm: true,
    breaks: true, // a line of Chinese, then one of English
    renderer: {
      heading({ tokens, depth, text }: Tokens.Heading): string {
        const id = sectionId(plain(text));
        if (depth === 1) page.title = plain(text);
        else page.sections.push({ id, heading: plain(text) });
        return `<h${depth} id="${id}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link): string {
        page.links.push(href);
        return `<a href="${escaped(served(href))}"${outside(href) ? ' rel="noreferrer" target="_blank"' : ""}>${this.parser.parseInline(tokens)}</a>`;
      },
      image({ href, text }: Tokens.Image): string {
        page.links.push(href);
        return `<a href="${escaped(href)}"><img src="${escaped(href)}" alt="${escaped(text)}" width="${PICTURE.width}" height="${PICTURE.height}" loading="lazy"></a>`;
      },
      html: ({ text }: Tokens.HTML | Tokens.Tag): string => escaped(text), // the guide has none, and gets none
    },
  });
  page.html = marked.parse(markdown, { async: false });
  return page;
}

/** A whole HTML page: the guide's pages on the left, this one, and its sections. */
export function wholePage(page: RenderedPage, all: RenderedPage[]): string {
  const link = (one: RenderedPage) => `<li><a href="${one.name}.html"${one === page ? ' aria-current="page"' : ""}>${escaped(one.title)}</a></li>`;
  const section = ({ id, heading }: RenderedPage["sections"][number]) => `<li><a href="#${id}">${escaped(heading)}</a></li>`;
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(page.title)} · 烽燧</title>
<link rel="stylesheet" href="guide.css">
<script src="guide.js"></script>
</head>
<body>
<header><a class="brand" href="/">烽燧</a><span>操作指南 · Guide</span></header>
<nav aria-label="操作指南 · Guide"><ul>${all.map(link).join("")}</ul></nav>
<main>${page.html}</main>
<aside aria-label="本页 · This page"><ul>${page.sections.map(section).join("")}</ul></aside>
</body>
</html>
`;
}
