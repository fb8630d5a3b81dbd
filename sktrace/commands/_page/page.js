const $ = (id) => document.getElementById(id);
const all = (css) => [...document.querySelectorAll(css)];

// A click on a column's head sorts; another one turns the order around.
const {compare} = new Intl.Collator(undefined, {numeric: true});
const sort = (head) => {
  const k = head.cellIndex, body = head.closest("table").tBodies[0];
  const up = head.ariaSort != "ascending";
  const keyed = [...body.rows].map((row) => {
    const cell = row.cells[k], text = cell.dataset.v ?? cell.textContent.trim();
    const number = cell.tagName == "TH" || text.replace(/,/g, "").replace("−", "-");
    return [row, text, parseFloat(number)];
  });
  keyed.sort(([, a, x], [, b, y]) => isNaN(x) - isNaN(y)
    || (x - y || compare(a, b)) * (up ? 1 : -1));
  for (const [row] of keyed) body.append(row);
  for (const other of head.parentNode.cells) other.ariaSort = null;
  head.ariaSort = up ? "ascending" : "descending";
};
for (const head of all(".sortable thead th:not(.fixed)")) {
  head.innerHTML = `<button type="button">${head.innerHTML}</button>`;
  head.firstChild.onclick = () => sort(head);
}

// What is wider than its box says so.
const watch = new ResizeObserver((seen) => seen.forEach(({target: box}) =>
  box.classList.toggle("wide", box.scrollWidth > box.clientWidth + 1)));
all(".scroll").forEach((box) => watch.observe(box));

// The class: another threshold, a search, a file.
if ($("data")) {
  const {skills, students, answers, cells, few} = JSON.parse($("data").textContent);
  const wholes = all(".whole").map((t) => [+t.dataset.first, [...t.tBodies[0].rows]]);
  const write = (n) => n.toLocaleString("en");
  const safe = (name) => `<bdi>${name.replace(/[&<]/g, (c) => `&#${c.charCodeAt()};`)}</bdi>`;
  const items = (who) => `<ul>${who.map(([name, p, n]) =>
    `<li>${safe(name)} <b>${p}&nbsp;%</b> (${write(n)})</li> `).join("")}</ul>`;
  const fold = (who) => items(who.slice(0, few)) + (who[few] ? `<details><summary>and ${
    write(who.length - few)} more</summary>${items(who.slice(few))}</details>` : "");
  const list = (id, needs) => {
    const found = needs.filter(([,, who]) => who[0]);
    $(id).tBodies[0].innerHTML = found.sort((a, b) => b[2].length - a[2].length)
      .map(([name, n, who]) => `<tr><th scope="row">${safe(name)}</th><td>${
        write(n)}<td>${write(who.length)}<td>${fold(who)}`).join("");
    return write(found.length);
  };
  const each = (own, act) => {
    for (let c = 0; c < own.length; c += 4) act(...own.slice(c, c + 4));
  };
  const find = () => {
    const text = $("find").value.trim().toLowerCase();
    const has = (cell) => cell.textContent.toLowerCase().includes(text);
    for (const row of all("#by-student tbody tr, #by-skill tbody tr")) row.hidden = !has(row);
    for (const [, rows] of wholes) {
      const some = rows.some((row) => has(row.cells[0]));
      for (const row of rows) row.hidden = some && !has(row.cells[0]);
    }
  };
  const mark = () => {
    const below = $("threshold").value, bySkill = skills.map((name) => [name, 0, []]);
    const byStudent = students.map((name, i) => {
      const who = [];
      each(cells[i], (k, p, n) => {
        const low = p < below;
        bySkill[k][1]++;
        if (low) who.push([skills[k], p, n]) && bySkill[k][2].push([name, p, n]);
        for (const [first, rows] of wholes) {
          const cell = k >= first && rows[i].cells[k - first + 2];
          if (cell) cell.className = low ? "b" : "k";
        }
      });
      for (const [, rows] of wholes) rows[i].cells[1].textContent = who.length;
      return [name, answers[i], who];
    });
    for (const [,, who] of bySkill) who.sort((a, b) => a[1] - b[1]);
    $("needing").textContent = list("by-student", byStudent);
    list("by-skill", bySkill);
    $("below").textContent = `${+below} %`;
    find();
  };
  // A spreadsheet takes a name that begins so for a formula; numbers are none.
  const quote = (name) => `"${/^'*[=+\-@\t\r\n＝＋－＠]/.test(name) && !isFinite(name) ? "'" : ""}${
    name.replace(/"/g, '""')}"`;
  $("download").onclick = () => {
    const lines = ['\ufeff"student","skill","p_correct_now","n_answers","n_right","below"'];
    students.forEach((name, i) => each(cells[i], (k, p, n, right) => lines.push(
      [quote(name), quote(skills[k]), p / 100, n, right, +(p < $("threshold").value)])));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([lines.join("\n"), "\n"]));
    link.download = "class.csv";
    link.click();
  };
  $("threshold").onchange = mark;
  $("find").oninput = find;
  $("controls").hidden = false;
}
