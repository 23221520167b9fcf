// Families typed one after another at a disaster site: kept on this phone until they were taken.
(() => {
  "use strict";

  const form = document.querySelector("form[data-keluarga]");
  if (!form) return;

  const PLACE = `sinergi-keluarga:${form.dataset.keluarga}`;
  const MOST = 100;
  const FIELDS = ["name", "area", "address", "need", "male", "female", "children", "elders", "disabled"];
  // What the registry is told.
  const RECORDED = ["name", "area", "address"];
  const section = document.getElementById("antrean");
  const list = section.querySelector("[data-queue-list]");
  const state = section.querySelector("[data-state]");
  const button = section.querySelector("[data-send]");
  const results = document.getElementById("hasil");
  const saved = form.querySelector("[data-saved]");
  let sending = false;

  const announce = (words) => {
    document.getElementById("pengumuman").textContent = words;
  };

  const queue = () => {
    try {
      return JSON.parse(localStorage.getItem(PLACE)) || [];
    } catch {
      return [];
    }
  };

  // Read, change and write in one go: another window of this phone may hold the same queue.
  const change = (how) => {
    const changed = how(queue());
    if (changed.length) localStorage.setItem(PLACE, JSON.stringify(changed));
    else localStorage.removeItem(PLACE);
    draw();
  };

  const element = (tag, words, kind) => {
    const made = document.createElement(tag);
    if (words) made.textContent = words;
    if (kind) made.className = kind;
    return made;
  };

  const act = (words, label, how) => {
    const made = element("button", words, "small");
    made.type = "button";
    made.setAttribute("aria-label", label);
    made.addEventListener("click", how);
    return made;
  };

  const line = (family) => {
    const made = element("li");
    const said = element("span");
    said.append(element("strong", family.name));
    const heads = Number(family.male || 0) + Number(family.female || 0);
    said.append(element("small", `${heads} jiwa`));
    for (const error of family.errors || []) said.append(element("small", error.message, "error"));
    const acts = element("span", "", "row");
    acts.append(
      act("Perbaiki", `Perbaiki ${family.name}`, () => mend(family)),
      act("Hapus", `Hapus ${family.name}`, () => {
        if (!confirm(`Hapus ${family.name} dari antrean?`)) return;
        change((kept) => kept.filter((one) => one.key !== family.key));
      }),
    );
    made.append(said, acts);
    return made;
  };

  const draw = () => {
    const kept = queue();
    section.hidden = kept.length === 0;
    section.querySelector("[data-waiting]").textContent = `${kept.length} keluarga menunggu dikirim`;
    list.replaceChildren(...kept.map(line));
    button.disabled = sending;
    if (sending) state.textContent = "Sedang mengirim …";
    else if (!navigator.onLine) state.textContent = "Luring. Akan dikirim bila ada sinyal.";
    else if (kept.some((one) => one.errors)) state.textContent = "Ada yang perlu diperbaiki.";
    else state.textContent = "Tersimpan di HP ini.";
  };

  // Its record may stand already: under its key it is found again and not made anew.
  let mended = null;
  const mend = (family) => {
    mended = family;
    for (const name of FIELDS) {
      const field = form.elements[name];
      if (field) field.value = family[name] || "";
    }
    change((kept) => kept.filter((one) => one.key !== family.key));
    form.elements.name.focus();
  };

  // By its own listener, before the page's: that one would wait for an answer to a sent form.
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    const family = { key: crypto.randomUUID(), occurred_at: new Date().toISOString() };
    for (const name of FIELDS) {
      const value = form.elements[name] ? form.elements[name].value.trim() : "";
      if (value) family[name] = value;
    }
    const same = (name) => mended?.[name] === family[name];
    if (mended && RECORDED.every(same)) family.key = mended.key;
    mended = null;
    try {
      change((kept) => [...kept, family]);
    } catch {
      // The phone's storage is full: nothing typed may get lost.
      saved.hidden = false;
      saved.textContent = "Penyimpanan HP penuh. Kirim dahulu yang menunggu.";
      announce(saved.textContent);
      return;
    }
    const { need } = family;
    form.reset();
    form.elements.need.value = need;
    form.elements.name.focus();
    saved.hidden = false;
    saved.textContent = `${family.name} tersimpan. ${queue().length} keluarga menunggu dikirim.`;
    announce(saved.textContent);
  });

  const show = (family, told) => {
    results.hidden = false;
    const made = element("li");
    const said = element("span");
    said.append(element("strong", family.name));
    const words = told.status === "already" ? "Sudah terdata sebelumnya" : "Terkirim";
    said.append(element("small", `${words}: kasus ${told.case}`));
    made.append(said);
    results.querySelector("[data-results]").prepend(made);
  };

  const post = async (items) => {
    const answer = await fetch(`${form.getAttribute("action")}/kirim`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ items: items.map(({ errors, ...family }) => family) }),
    });
    if (answer.status === 401) throw new Error("Sesi berakhir. Masuk lagi; antrean tetap tersimpan.");
    if (!answer.ok) throw new Error("Layanan belum menjawab. Antrean tetap tersimpan.");
    return (await answer.json()).items;
  };

  const settle = (items, told) => {
    const by = new Map(told.map((one) => [one.key, one]));
    for (const family of items) {
      const one = by.get(family.key);
      if (one && (one.status === "sent" || one.status === "already")) show(family, one);
    }
    saved.hidden = true;
    change((kept) =>
      kept.flatMap((family) => {
        const one = by.get(family.key);
        if (!one || one.status === "later") return [family];
        return one.status === "refused" ? [{ ...family, errors: one.errors }] : [];
      }),
    );
    const taken = told.filter((one) => one.status === "sent" || one.status === "already").length;
    announce(`${taken} keluarga terkirim, ${queue().length} menunggu`);
  };

  const send = async () => {
    if (sending) return;
    sending = true;
    let trouble = "";
    try {
      // What was refused waits for its worker; what is new meanwhile goes with the next batch.
      for (;;) {
        const items = queue().filter((one) => !one.errors).slice(0, MOST);
        if (!items.length) break;
        draw();
        const told = await post(items);
        settle(items, told);
        if (!told.some((one) => one.status !== "later")) break;
      }
    } catch (error) {
      trouble = error instanceof TypeError ? "" : error.message;
    }
    sending = false;
    draw();
    if (trouble) state.textContent = trouble;
  };

  button.addEventListener("click", send);
  window.addEventListener("online", send);
  window.addEventListener("offline", draw);
  window.addEventListener("storage", draw);

  const keep = form.querySelector("[data-keep]");
  keep.querySelector("span").textContent = keep.dataset.keep;
  for (const hint of form.querySelectorAll("[data-with-script]")) hint.hidden = false;
  draw();
})();
