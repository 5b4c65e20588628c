'use strict';
(() => {
  const ID = 0, GENERATED = 1, TRUTHS = 2, CLUE = 3, SCORES = 4, GROUPS = 5, HAS_IMAGE = 6;
  const PER_PAGE = 50;

  const byId = id => document.getElementById(id);
  const {metrics, groups, items} = JSON.parse(byId('items').textContent);
  const form = byId('filters');
  const words = items.map(item => [item[ID], item[GENERATED], ...item[TRUTHS], item[CLUE]].join('\n').toLowerCase());
  const cards = [...document.querySelectorAll('.card')];
  const original = new Map(cards.map((card, i) => [card, i]));
  const groupChoices = [...form.querySelectorAll('select[data-group]')];
  let shown = [];
  let page = 0;

  function element(name, text, properties) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    return Object.assign(made, properties);
  }

  /** A bound that is typed; none while it is empty or not a number. */
  function bound(input, none) {
    return input.value.trim() === '' || Number.isNaN(input.valueAsNumber) ? none : input.valueAsNumber;
  }

  function filter() {
    const fields = form.elements;
    const wanted = fields.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const metric = fields.metric.selectedIndex;
    const least = bound(fields.least, null), most = bound(fields.most, null);
    const values = groupChoices.map(choice => [groups.indexOf(choice.dataset.group), choice.value]);
    const passes = i => {
      const item = items[i], score = item[SCORES][metric];
      return wanted.every(word => words[i].includes(word))
          && (least === null || score !== null && score >= least)
          && (most === null || score !== null && score <= most)
          && values.every(([at, value]) => value === '' || item[GROUPS][at] === value)
          && (!fields.withImage.checked || item[HAS_IMAGE] === 1);
    };
    shown = [...items.keys()].filter(passes);
    const order = comparison(fields.sort.value, Number(fields.direction.value));
    if (order) shown.sort(order);
    page = 0;
    showCards(new Set(shown), order);
    showList();
    byId('count').textContent = `${shown.length} of ${items.length} items`;
  }

  /** An order of places; items without a value come last, equal ones as in the file. */
  function comparison(key, direction) {
    if (key === '') return null;
    const metric = metrics.indexOf(key), group = groups.indexOf(key);
    const value = i => metric >= 0 ? items[i][SCORES][metric] : group >= 0 ? items[i][GROUPS][group] : items[i][ID];
    return (a, b) => {
      const x = value(a), y = value(b);
      if (x === null || y === null) return (x === null) - (y === null) || a - b;
      return (x < y ? -direction : x > y ? direction : 0) || a - b;
    };
  }

  function showCards(visible, order) {
    for (const section of document.querySelectorAll('.kind')) {
      const grid = section.querySelector('.cards');
      const inside = [...grid.children];
      inside.sort((a, b) => order && order(Number(a.dataset.item), Number(b.dataset.item))
          || original.get(a) - original.get(b));
      let any = false;
      for (const card of inside) {
        card.hidden = !visible.has(Number(card.dataset.item));
        any ||= !card.hidden;
      }
      grid.append(...inside);
      section.querySelector('.none').hidden = any;
    }
  }

  /** In each kind of images, a sentence for when none of them passes. */
  function notes() {
    for (const grid of document.querySelectorAll('.kind .cards')) {
      grid.before(element('p', 'No image here passes the filters.', {className: 'quiet none', hidden: true}));
    }
  }

  function heads() {
    const row = element('tr');
    for (const name of ['id', 'generated', 'true', ...metrics, ...groups]) {
      const head = element('th', undefined, {scope: 'col'});
      if (name === 'generated' || name === 'true') {
        head.textContent = name;
      } else {
        const button = element('button', name, {type: 'button', title: `sort by ${name}`});
        button.addEventListener('click', () => sortBy(name));
        head.dataset.sort = name;
        head.append(button);
      }
      row.append(head);
    }
    byId('list').tHead.append(row);
  }

  /** Scores begin with the highest; another click turns the order round. */
  function sortBy(name) {
    const fields = form.elements;
    if (![...fields.sort.options].some(option => option.value === name)) fields.sort.add(element('option', name));
    const again = fields.sort.value === name;
    fields.direction.value = again ? String(-Number(fields.direction.value)) : metrics.includes(name) ? '-1' : '1';
    fields.sort.value = name;
    filter();
  }

  function row(i) {
    const item = items[i], made = element('tr');
    const head = element('th', undefined, {scope: 'row'});
    head.append(item[HAS_IMAGE] ? element('a', item[ID], {href: `#item-${i}`}) : item[ID]);
    made.append(head, element('td', item[GENERATED] || '(empty)', {className: 'text'}),
        element('td', item[TRUTHS].join('\n'), {className: 'text'}));
    for (const score of item[SCORES]) made.append(element('td', score === null ? 'none' : score.toFixed(4)));
    for (const group of item[GROUPS]) made.append(element('td', group));
    return made;
  }

  function showList() {
    const {sort, direction} = form.elements;
    for (const head of document.querySelectorAll('#list th[data-sort]')) {
      if (head.dataset.sort === sort.value) {
        head.setAttribute('aria-sort', direction.value === '1' ? 'ascending' : 'descending');
      } else {
        head.removeAttribute('aria-sort');
      }
    }
    const start = page * PER_PAGE, end = Math.min(shown.length, start + PER_PAGE);
    const rows = shown.slice(start, end).map(row);
    if (rows.length === 0) {
      const none = element('tr');
      none.append(element('td', 'No item passes the filters.', {colSpan: 3 + metrics.length + groups.length}));
      rows.push(none);
    }
    byId('list').tBodies[0].replaceChildren(...rows);
    byId('page').textContent = shown.length === 0 ? '0 of 0' : `${start + 1} to ${end} of ${shown.length}`;
    byId('previous').disabled = page === 0;
    byId('next').disabled = end >= shown.length;
    byId('pages').hidden = shown.length <= PER_PAGE;
  }

  function turn(by) {
    page += by;
    showList();
    byId('all').scrollIntoView();
  }

  notes();
  heads();
  form.addEventListener('input', filter);
  form.addEventListener('submit', event => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(filter));
  byId('previous').addEventListener('click', () => turn(-1));
  byId('next').addEventListener('click', () => turn(1));
  filter();
})();
