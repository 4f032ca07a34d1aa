import "../../ui/tokens.css";
import "./panic.css";
import { keepPage } from "./keep";
import { showPanicPage } from "./page";

const root = document.getElementById("root");
if (root === null) throw new Error("panic.html has no #root");
showPanicPage(root);
void keepPage();
