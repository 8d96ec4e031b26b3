// A question is spoken: the microphone is recorded for a moment, the house's recogniser writes it.
const LONGEST_MS = 15000;
let recorder = null;

async function begin(button) {
  const trouble = document.querySelector(".spoken-trouble");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch {
    trouble.textContent = button.dataset.refused;
    return;
  }
  const name = button.textContent;
  const pieces = [];
  recorder = new MediaRecorder(stream);
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  recorder.onstop = async () => {
    clearTimeout(timer);
    stream.getTracks().forEach((track) => track.stop());
    recorder = null;
    button.textContent = name;
    button.setAttribute("aria-pressed", "false");
    button.disabled = true;
    try {
      const answer = await fetch(button.dataset.url, { method: "POST", body: new Blob(pieces) });
      if (answer.ok) {
        const field = document.querySelector(".tried-question");
        field.value = (await answer.json()).text;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.focus();
      } else {
        trouble.textContent = await answer.text();
      }
    } catch {
      trouble.textContent = button.dataset.refused;
    } finally {
      button.disabled = false;
    }
  };
  const timer = setTimeout(() => recorder && recorder.stop(), LONGEST_MS);
  trouble.textContent = "";
  button.textContent = button.dataset.stop;
  button.setAttribute("aria-pressed", "true");
  recorder.start();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest && event.target.closest(".speak");
  if (!button) return;
  if (recorder) recorder.stop();
  else begin(button);
});
