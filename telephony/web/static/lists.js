// Uploading a list: shows the progress.
"use strict";
(() => {
  const form = document.getElementById("load");
  const said = form.querySelector("[data-progress]");
  if (!said) return;
  form.addEventListener("htmx:beforeRequest", () => { said.textContent = form.dataset.busy; });
  form.addEventListener("htmx:xhr:progress", (event) => {
    const { loaded, total, lengthComputable } = event.detail;
    if (lengthComputable && total) said.textContent = `${form.dataset.busy} ${Math.round((100 * loaded) / total)} %`;
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    said.textContent = "";
    if (event.detail.successful) form.reset();
  });
})();
