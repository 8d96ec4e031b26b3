// What a page needs to join a call by WebRTC: the microphone, its own addresses, the answer.

const GATHERING_LIMIT_MS = 2000; // longest wait for the browser's own addresses
const ANSWER_LIMIT_MS = 12000;

export const SENTENCES = {
  NotFoundError: "Aucun micro n'est branché : branchez un micro ou un casque, puis réessayez.",
  NotReadableError: "Le micro ne répond pas : fermez les autres programmes qui s'en servent, puis réessayez.",
  insecure:
    "Le navigateur ne donne pas le micro à cette adresse : ouvrez la page en https, ou sur l'ordinateur même du serveur (http://localhost).",
  NotAllowedError:
    "Autorisez le micro : cliquez sur l'icône à gauche de l'adresse de la page, choisissez « Autoriser » pour le micro, puis réessayez.",
  unreachable: "Le serveur ne répond pas : vérifiez votre connexion, puis réessayez.",
};

/** A reason not to call, or to stop, that is told as it is. */
export class Trouble extends Error {}

export async function openMicrophone() {
  if (!navigator.mediaDevices) throw new Trouble(SENTENCES.insecure);
  const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    throw new Trouble(SENTENCES[error.name] ?? SENTENCES.NotReadableError);
  }
}

/** Offer a line with all of this browser's addresses, and take the answer. */
export async function offerTo(url, peer, otherwise) {
  await peer.setLocalDescription();
  await gathered(peer);
  return post(url, peer.localDescription, otherwise);
}

function gathered(peer) {
  return new Promise((resolve) => {
    const done = () => peer.iceGatheringState === "complete" && resolve();
    peer.addEventListener("icegatheringstatechange", done);
    setTimeout(resolve, GATHERING_LIMIT_MS);
    done();
  });
}

async function post(url, description, otherwise) {
  let response;
  let answer;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ sdp: description.sdp, type: description.type }),
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    answer = await response.json();
  } catch {
    throw new Trouble(SENTENCES.unreachable);
  }
  if (!response.ok) throw new Trouble(answer.message ?? otherwise);
  return { sdp: answer.sdp, type: answer.type };
}
