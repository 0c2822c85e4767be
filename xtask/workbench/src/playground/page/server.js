// Asking the server, and telling when it does not answer.

const banner = document.getElementById("offline");
let retry = null;

export class Refused extends Error {
  constructor(status, message) { super(message); this.status = status; }
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    offline();
    throw error;
  }
  banner.hidden = true;
  const value = await response.json();
  if (!response.ok) throw new Refused(response.status, value.error);
  return value;
}

export const get = (path) => ask(path);
export const post = (path, body) => ask(path, { method: "POST", body });
export const postJson = (path, value) => post(path, JSON.stringify(value));

// Asks again every second until there is an answer.
function offline() {
  banner.hidden = false;
  retry ??= setInterval(async () => {
    try {
      await fetch("/api/networks");
      clearInterval(retry);
      retry = null;
      banner.hidden = true;
      document.dispatchEvent(new Event("online-again"));
    } catch { /* not yet */ }
  }, 1000);
}
