const AGAIN_MS = 5000;
const tried = document.getElementById("tried");

/** Back to where one was, once the node answers. */
async function look() {
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => undefined);
  if (answer?.ok) location.reload();
  else if (tried !== null) tried.textContent = `${new Date().toLocaleTimeString("zh-CN", { hour12: false })} 仍未连上 · not yet`;
}

document.getElementById("again")?.addEventListener("click", () => void look());
addEventListener("online", () => void look());
setInterval(() => void look(), AGAIN_MS);
