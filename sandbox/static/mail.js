// Fetch this page again every two seconds and exchange the list when it changed.
setInterval(async () => {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer || !answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const here = document.getElementById("mails"), there = fresh.getElementById("mails");
  if (there && there.innerHTML !== here.innerHTML) {
    here.replaceWith(there);
    document.getElementById("count").textContent = fresh.getElementById("count").textContent;
  }
}, 2000);
