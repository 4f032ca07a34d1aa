import { configure } from "@testing-library/dom";

// A component test waits up to 20 s for what it expects, in place of the library's one second.
configure({ asyncUtilTimeout: 20_000 });
