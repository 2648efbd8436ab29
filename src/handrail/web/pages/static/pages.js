// What the pages do more with script. Each page works without it.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);

// Copying the address of an answer.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    await navigator.clipboard.writeText(field.value);
    const said = $("[data-copied]");
    said.textContent = said.dataset.copied;
  });
}

// Choosing a place goes there, by mouse or touch; by keyboard Enter or the button does.
for (const select of document.querySelectorAll("select[data-go]")) {
  let keyed = false;
  select.addEventListener("keydown", () => { keyed = true; });
  select.addEventListener("pointerdown", () => { keyed = false; });
  select.addEventListener("change", () => { if (select.value && !keyed) select.form.requestSubmit(); });
}

// The map follows its form and its slider.
const form = $("#map-form");
if (form) {
  const day = $("#on"), slide = $("#slide"), shown = $("#map-shown");
  const first = Date.parse(slide.dataset.first + "T00:00:00Z");
  const perDay = 86400000;
  let waiting = null, asked = null;
  slide.parentElement.hidden = false;

  const show = async () => {
    const query = new URLSearchParams(new FormData(form));
    if (asked) asked.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(form.dataset.fragment + "?" + query, { signal: asked.signal });
      if (!answer.ok) return;
      const open = [...shown.querySelectorAll("details")].map((one) => one.open);
      const made = new DOMParser().parseFromString(await answer.text(), "text/html");
      shown.replaceChildren(...made.body.childNodes);
      shown.querySelectorAll("details").forEach((one, at) => { one.open = open[at] || false; });
      history.replaceState(null, "", form.getAttribute("action") + "?" + query);
    } catch (error) {
      if (error.name !== "AbortError") form.submit();
    }
  };
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(show, 120); };

  slide.addEventListener("input", () => {
    day.value = new Date(first + slide.valueAsNumber * perDay).toISOString().slice(0, 10);
    slide.setAttribute("aria-valuetext", day.value);
    soon();
  });
  day.addEventListener("change", () => {
    if (!day.value) return;
    slide.value = Math.round((Date.parse(day.value + "T00:00:00Z") - first) / perDay);
    slide.setAttribute("aria-valuetext", day.value);
    soon();
  });
  for (const select of form.querySelectorAll("select")) select.addEventListener("change", soon);
  form.addEventListener("submit", (event) => { event.preventDefault(); show(); });
}

// Only the regions that a technique has can be chosen.
const techniques = $("select[data-regions]");
if (techniques) {
  const fit = () => {
    const has = techniques.selectedOptions[0].dataset.of.split(" ");
    for (const box of document.querySelectorAll("input[name=region]")) {
      box.disabled = !has.includes(box.value);
      if (box.disabled) box.checked = false;
    }
  };
  techniques.addEventListener("change", fit);
  fit();
}

// A claims file is sent with its progress shown.
const audit = $("#audit-form");
if (audit) {
  const drop = $(".drop", audit), file = $("#file"), said = $("#audit-said"), sent = $("#audit-sent");
  for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); file.files = event.dataTransfer.files; });
  audit.addEventListener("submit", (event) => {
    event.preventDefault();
    const call = new XMLHttpRequest();
    call.open("POST", audit.dataset.door);
    call.responseType = "json";
    call.setRequestHeader("Accept", "application/json");
    sent.hidden = false;
    call.upload.addEventListener("progress", (part) => { if (part.lengthComputable) sent.value = 100 * part.loaded / part.total; });
    const failed = () => {
      sent.hidden = true;
      const answer = call.response || {};
      said.textContent = [audit.dataset.failed, answer.detail || answer.title, answer.hint].filter(Boolean).join(" ");
    };
    call.addEventListener("error", failed);
    call.addEventListener("load", () => {
      const job = call.response && call.response.id;
      if (call.status < 400 && job) location.assign(audit.dataset.page + encodeURIComponent(job));
      else failed();
    });
    call.send(new FormData(audit));
  });
}

// A job tells how far it is.
const job = $("#job");
if (job && ["queued", "running"].includes(job.dataset.state)) {
  const bar = $("#job-progress"), rows = $("#job-rows");
  const events = new EventSource(job.dataset.events);
  const take = (event) => {
    let now;
    try { now = JSON.parse(event.data); } catch { return; }
    if (typeof now.progress === "number") bar.value = now.progress;
    if (typeof now.rows === "number") rows.textContent = rows.textContent.replace(/\d[\d,.\s]*/, now.rows.toLocaleString("en") + " ");
    if (now.state && now.state !== job.dataset.state) { events.close(); location.reload(); }
  };
  events.addEventListener("audit", take);
  events.addEventListener("error", () => { events.close(); setTimeout(() => location.reload(), 2000); });
}
