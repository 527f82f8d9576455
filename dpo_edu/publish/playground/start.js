/* The page begins: controls are made, the link is read, everything is drawn. */

patterns();
makePair();
makeAnswers();
makeTraining();
window.addEventListener("hashchange", () => change(fromLink(location.hash)));
byId("reset").addEventListener("click", () => { stop(); change(structuredClone(START)); });
byId("copy").addEventListener("click", () => {
  const says = (words) => { byId("copied").textContent = words; };
  const asked = navigator.clipboard?.writeText(location.href) ?? Promise.reject();
  asked.then(() => says("The link is copied."), () => says("The link stands in the address bar."));
});
change(fromLink(location.hash));
