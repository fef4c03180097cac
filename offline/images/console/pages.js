"use strict";

const STYLE = `body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.25rem .6rem;text-align:left;vertical-align:top}
.note{background:#fff3cd;border:1px solid #e0c36a;padding:.5rem .8rem}.number{text-align:right}
pre{margin:0;max-height:12rem;overflow:auto;white-space:pre-wrap;word-break:break-word}`;

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** A piece of HTML; whatever else is put into `html` is escaped. */
class Html {
  constructor(text) {
    this.text = text;
  }
}

function render(value) {
  if (value instanceof Html) {
    return value.text;
  }
  if (Array.isArray(value)) {
    return value.map(render).join("");
  }
  return String(value ?? "").replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

function html(strings, ...values) {
  return new Html(strings.reduce((text, part, index) => text + render(values[index - 1]) + part));
}

function page(title, body) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${title}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <p class="note">
          This is a <strong>stand-in for Redpanda Console</strong>: a read-only topic browser for
          machines that cannot fetch the real one.
        </p>
        <h1>${title}</h1>
        ${body}
      </body>
    </html>`.text;
}

function days(milliseconds) {
  if (milliseconds === undefined) {
    return "not visible to this login";
  }
  if (Number(milliseconds) < 0) {
    return "for ever";
  }
  const number = Number(milliseconds) / 86400000;
  return `${Number.isInteger(number) ? number : number.toFixed(2)} days`;
}

/**
 * The first page.
 *
 * @param topics as of KafkaView.topics, each with `messages`, the sum of its offsets
 * @param groups as of KafkaView.groups
 * @param subjects names, or an Error where the registry did not answer; undefined without one
 */
function overview(topics, groups, subjects) {
  return page(
    "Topics",
    html`<table>
        <tr>
          <th>Topic</th>
          <th>Partitions</th>
          <th>Retention</th>
          <th>Clean-up</th>
          <th>Messages</th>
        </tr>
        ${topics.map(
          (topic) =>
            html`<tr>
              <td>
                <a href="/topics/${encodeURIComponent(topic.topicName)}">${topic.topicName}</a>
              </td>
              <td class="number">${topic.partitionCount}</td>
              <td>${days(topic.retentionMs)}</td>
              <td>${topic.cleanupPolicy}</td>
              <td class="number">${topic.messages}</td>
            </tr>`,
        )}
      </table>
      <h2>Consumer groups</h2>
      <table>
        <tr>
          <th>Group</th>
          <th>State</th>
          <th>Members</th>
        </tr>
        ${groups.map(
          (group) =>
            html`<tr>
              <td>${group.groupId}</td>
              <td>${group.state}</td>
              <td class="number">${group.members}</td>
            </tr>`,
        )}
      </table>
      ${subjects === undefined ? "" : subjectList(subjects)}`,
  );
}

function subjectList(subjects) {
  const list =
    subjects instanceof Error
      ? html`<p>The schema registry did not answer: ${subjects.message}</p>`
      : html`<ul>
          ${subjects.map((subject) => html`<li>${subject}</li>`)}
        </ul>`;
  return html`<h2>Schema subjects</h2>
    ${list}`;
}

/** The page of one topic; offsets and messages as KafkaView gives them. */
function topicPage(name, offsets, messages) {
  return page(
    name,
    html`<p><a href="/">All topics</a></p>
      <table>
        <tr>
          <th>Partition</th>
          <th>First offset</th>
          <th>Next offset</th>
        </tr>
        ${offsets.map(
          ({ partition, low, high }) =>
            html`<tr>
              <td>${partition}</td>
              <td class="number">${low}</td>
              <td class="number">${high}</td>
            </tr>`,
        )}
      </table>
      <h2>Last messages</h2>
      <table>
        <tr>
          <th>Time</th>
          <th>Partition</th>
          <th>Offset</th>
          <th>Key</th>
          <th>Value</th>
        </tr>
        ${messages.map(
          ({ time, partition, offset, key, value }) =>
            html`<tr>
              <td>${new Date(time).toISOString()}</td>
              <td>${partition}</td>
              <td>${offset}</td>
              <td>${key}</td>
              <td><pre>${value === null ? "(none)" : value.slice(0, 4000)}</pre></td>
            </tr>`,
        )}
      </table>`,
  );
}

function failure(title, message) {
  return page(title, html`<p>${message}</p>`);
}

module.exports = { failure, overview, topicPage };
