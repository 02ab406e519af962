#include "backend/routes/stop_page.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "backend/routes/views.hpp"

namespace pourtocol::routes {

namespace {

struct Words {
  std::string_view tag;
  std::string_view button;
  std::string_view again;
  std::string_view what_it_does;
  std::string_view all_stopped;
  std::string_view not_all;
  std::string_view not_written;
  std::string_view not_taken;
  std::string_view by_hand;
  std::string_view back;
  std::string_view stopped, not_pouring, cannot_stop, no_answer;
};

constexpr Words english{
    .tag = "en",
    .button = "Stop all",
    .again = "Stop again",
    .what_it_does = "Every pump is switched off, and nothing pours until the host resumes it.",
    .all_stopped = "Every tap is stopped.",
    .not_all = "Not everything stopped.",
    .not_written = "It holds, but the log cannot be written: free some space on the server's disk.",
    .not_taken = "The stop was not taken.",
    .by_hand = "If a pump runs, lift the glass or pull its plug.",
    .back = "Back to the page",
    .stopped = "The pump is off.",
    .not_pouring = "It was not pouring.",
    .cannot_stop = "It cannot be stopped from here: lift the glass, or pull its plug.",
    .no_answer = "It does not answer: lift the glass, or pull its plug."};

constexpr Words german{
    .tag = "de",
    .button = "Alles stoppen",
    .again = "Noch einmal stoppen",
    .what_it_does = "Jede Pumpe geht aus, und nichts schenkt ein, bis der Gastgeber es freigibt.",
    .all_stopped = "Alle Hähne sind gestoppt.",
    .not_all = "Nicht alles hat gestoppt.",
    .not_written =
        "Der Stopp gilt, aber das Protokoll lässt sich nicht schreiben: Auf der Platte des Servers "
        "muss Platz werden.",
    .not_taken = "Der Stopp wurde nicht angenommen.",
    .by_hand = "Läuft eine Pumpe: Glas wegnehmen oder Stecker ziehen.",
    .back = "Zurück zur Seite",
    .stopped = "Die Pumpe ist aus.",
    .not_pouring = "Es wurde nichts eingeschenkt.",
    .cannot_stop =
        "Lässt sich von hier nicht stoppen: Glas wegnehmen oder den Stecker der Maschine ziehen.",
    .no_answer = "Antwortet nicht: Glas wegnehmen oder den Stecker der Maschine ziehen."};

[[nodiscard]] const Words& words_of(PageLanguage language) noexcept {
  return language == PageLanguage::german ? german : english;
}

constexpr std::string_view style =
    "body{margin:0 auto;max-width:34rem;padding:1.5rem;font:1.15rem/1.5 system-ui,sans-serif;"
    "background:#0d0a12;color:#f7f1e8}h1{font-size:1.6rem}a{color:#ffc266}"
    "button{width:100%;min-height:5rem;border:0;border-radius:1.25rem;background:#ff655d;"
    "color:#210304;font:800 1.6rem system-ui,sans-serif;text-transform:uppercase}"
    ".bad{color:#ff8f88;font-weight:700}";

void append_escaped(std::string& html, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      default:
        html += c;
    }
  }
}

[[nodiscard]] std::string paragraph(std::string_view text, bool bad = false) {
  std::string html{bad ? "<p class=\"bad\">" : "<p>"};
  append_escaped(html, text);
  return html += "</p>";
}

[[nodiscard]] http::Response page(int status, const Words& words, std::string_view heading,
                                  std::string_view content, std::string_view button) {
  http::Response response;
  response.status = status;
  response.content_type = "text/html; charset=utf-8";
  std::string& html = response.body;
  html.append("<!doctype html><html lang=\"").append(words.tag);
  html += "\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">";
  html.append("<title>Pourtocol</title><style>").append(style).append("</style><h1>");
  append_escaped(html, heading);
  html.append("</h1>").append(content);
  html += "<form method=\"post\" action=\"/stop\"><button>";
  html.append(button).append("</button></form><p><a href=\"/host\">");
  html.append(words.back).append("</a></p></html>");
  response.add_field("Cache-Control", "no-store")
      .add_field("X-Content-Type-Options", "nosniff")
      .add_field("Content-Security-Policy",
                 "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
                 "form-action 'self'; frame-ancestors 'none'")
      // With less the browser would send this page's own form with the origin "null".
      .add_field("Referrer-Policy", "same-origin")
      .add_field("Cross-Origin-Opener-Policy", "same-origin")
      .add_field("Cross-Origin-Resource-Policy", "same-origin");
  return response;
}

[[nodiscard]] bool may_still_pour(control::TapStopCode code) noexcept {
  return code == control::TapStopCode::cannot_stop || code == control::TapStopCode::no_answer;
}

[[nodiscard]] std::string_view said(control::TapStopCode code, const Words& words) noexcept {
  switch (code) {
    case control::TapStopCode::stopped:
      return words.stopped;
    case control::TapStopCode::not_pouring:
      return words.not_pouring;
    case control::TapStopCode::cannot_stop:
      return words.cannot_stop;
    case control::TapStopCode::no_answer:
      return words.no_answer;
  }
  return words.no_answer;
}

}  // namespace

PageLanguage page_language(std::string_view header) {
  while (!header.empty()) {
    const std::size_t comma = header.find(',');
    std::string_view tag = header.substr(0, comma);
    header = comma == std::string_view::npos ? std::string_view{} : header.substr(comma + 1);
    tag.remove_prefix(std::min(tag.find_first_not_of(" \t"), tag.size()));
    std::string name{tag.substr(0, tag.find_first_of("-; \t"))};
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; });
    if (name == "de") return PageLanguage::german;
    if (name == "en") return PageLanguage::english;
  }
  return PageLanguage::english;
}

http::Response stop_page(PageLanguage language) {
  const Words& words = words_of(language);
  return page(200, words, words.button, paragraph(words.what_it_does), words.button);
}

http::Response stopped_page(const control::StopAnswer& answer, PageLanguage language) {
  const Words& words = words_of(language);
  const bool all = std::ranges::none_of(
      answer.taps, [](const control::TapStop& tap) { return may_still_pour(tap.code); });
  std::string content;
  if (answer.code == control::ControlCode::store_failed) {
    content += paragraph(words.not_written, true);
  }
  content += "<ul>";
  for (const control::TapStop& tap : answer.taps) {
    content += may_still_pour(tap.code) ? "<li class=\"bad\">" : "<li>";
    append_escaped(content, tap.tap.view());
    content.append(": ").append(said(tap.code, words)).append("</li>");
  }
  content += "</ul>";
  return page(status_of(answer.code), words, all ? words.all_stopped : words.not_all, content,
              words.again);
}

http::Response stop_refused_page(const ApiError& error, PageLanguage language) {
  const Words& words = words_of(language);
  return page(error.status, words, words.not_taken,
              paragraph(error.reason, true) + paragraph(words.by_hand, true), words.again);
}

}  // namespace pourtocol::routes
