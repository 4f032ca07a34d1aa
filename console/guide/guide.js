// The guide in the theme of the console that it was opened from.
document.documentElement.dataset.theme = localStorage.getItem("fengsui.theme") === "light" ? "light" : "dark";
