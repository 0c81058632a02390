// The page that the service worker shows without a network. It knows no alarm; it
// knows the centre's number, where this phone has seen the page before.
const known = await caches.match("/facts").then(r => r?.json()).catch(() => null);
if (known?.phone) {
  const line = document.getElementById("phone"), a = line.querySelector("a");
  a.href = `tel:${known.phone}`;
  a.textContent = known.phone;
  line.hidden = false;
}
document.getElementById("again").href = location.href;
addEventListener("online", () => location.reload());
