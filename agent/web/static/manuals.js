// Manuals are sent as they are dropped or chosen, one after the other, each with its progress.
const waiting = [];
let sending = false;

const zone = () => document.querySelector(".panel.sending");
const text = (name, file) => zone().dataset[name].replace("{name}", file);

function line(file) {
  const item = document.createElement("li");
  const words = document.createElement("span");
  const bar = document.createElement("progress");
  words.textContent = text("sending", file.name);
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  item.append(words, bar);
  zone().querySelector(".sent").append(item);
  return { item, words, bar };
}

function refuse({ item, words, bar }, sentence) {
  bar.remove();
  words.textContent = sentence;
  item.className = "trouble";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "plain small";
  close.textContent = zone().dataset.hide;
  close.addEventListener("click", () => item.remove());
  item.append(close);
}

function refusal(file) {
  const at = file.name.lastIndexOf(".");
  const kind = at < 0 ? "" : file.name.slice(at).toLowerCase();
  if (!zone().dataset.kinds.split(" ").includes(kind)) return text("badKind", file.name);
  if (file.size > Number(zone().dataset.largest)) return text("tooLarge", file.name);
  return "";
}

function send(file, shown) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${zone().dataset.to}?nom=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) shown.bar.value = (100 * event.loaded) / event.total;
    });
    request.addEventListener("loadend", () => {
      let sentence = "";
      try {
        const answer = JSON.parse(request.responseText);
        sentence = answer.refused || answer.detail || "";
      } catch {
        sentence = text("cut", file.name);
      }
      if (request.status === 201) shown.item.remove();
      else refuse(shown, sentence || text("cut", file.name));
      done();
    });
    request.send(file);
  });
}

async function work() {
  if (sending) return;
  sending = true;
  while (waiting.length) {
    const { file, shown } = waiting.shift();
    await send(file, shown);
  }
  sending = false;
}

function take(files) {
  for (const file of files) {
    const shown = line(file);
    const sentence = refusal(file);
    if (sentence) refuse(shown, sentence);
    else waiting.push({ file, shown });
  }
  work();
}

document.addEventListener("change", ({ target }) => {
  if (target.id !== "manual-files") return;
  take([...target.files]);
  target.value = "";
});
for (const name of ["dragenter", "dragover"])
  document.addEventListener(name, (event) => {
    if (!zone() || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    zone().classList.add("over");
  });
for (const name of ["dragleave", "drop"])
  document.addEventListener(name, (event) => {
    if (name === "drop" || !event.relatedTarget) zone()?.classList.remove("over");
  });
document.addEventListener("drop", (event) => {
  if (!zone() || !event.dataTransfer?.files.length) return;
  event.preventDefault();
  take([...event.dataTransfer.files]);
});
addEventListener("beforeunload", (event) => {
  if (sending) event.preventDefault();
});
