#include "backend/database/schema_check.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include <fmt/format.h>

#include "backend/database/schema.hpp"

namespace pourtocol::database {

namespace {

/// One table, index or trigger.
struct Object {
  std::string type;
  std::string name;
  std::string table;
  std::string words;  ///< its SQL, by `words_of`
};

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_of_a_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || c == '$' || byte >= 0x80;
}

std::string small(std::string_view text) {
  std::string result{text};
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

/// Where the quoted text ends that begins at `from`; a doubled quote within stands for one.
std::size_t end_of_quoted(std::string_view sql, std::size_t from) {
  const char close = sql[from] == '[' ? ']' : sql[from];
  std::size_t at = from + 1;
  while (at < sql.size()) {
    if (sql[at] != close) {
      ++at;
    } else if (close != ']' && at + 1 < sql.size() && sql[at + 1] == close) {
      at += 2;
    } else {
      return at + 1;
    }
  }
  return at;
}

/// Where the comment ends that begins at `from`; `from` itself: none does.
std::size_t end_of_comment(std::string_view sql, std::size_t from) {
  const auto rest = sql.substr(from);
  const bool line = rest.starts_with("--");
  if (!line && !rest.starts_with("/*")) return from;
  const auto end = line ? rest.find('\n') : rest.find("*/", 2);
  return end == std::string_view::npos ? sql.size() : from + end + (line ? 1 : 2);
}

/// A name between quotes as it stands without them, where that is a plain one.
std::string unquoted(std::string_view quoted) {
  const auto inner = quoted.size() < 2 ? std::string_view{} : quoted.substr(1, quoted.size() - 2);
  const bool plain = !inner.empty() && std::ranges::all_of(inner, is_of_a_word);
  return plain ? small(inner) : std::string{quoted};
}

/// SQL as one word a line. Two texts have the same words if they differ in nothing but blanks,
/// comments, capitals, and quotes around plain names. A text between ' stays as it is.
std::string words_of(std::string_view sql) {
  std::string words;
  for (std::size_t at = 0; at < sql.size();) {
    const char c = sql[at];
    std::size_t end = end_of_comment(sql, at);
    if (is_space(c) || end > at) {
      at = std::max(end, at + 1);
      continue;
    }
    if (c == '\'' || c == '"' || c == '`' || c == '[') {
      end = end_of_quoted(sql, at);
      const auto quoted = sql.substr(at, end - at);
      words += c == '\'' ? std::string{quoted} : unquoted(quoted);
    } else {
      end = at + 1;
      while (is_of_a_word(c) && end < sql.size() && is_of_a_word(sql[end])) ++end;
      words += small(sql.substr(at, end - at));
    }
    words += '\n';
    at = end;
  }
  return words;
}

/// All but what SQLite makes by itself: its own tables, and the indices a UNIQUE brings.
std::vector<Object> objects_of(Connection& connection) {
  Statement query = connection.prepare(
      "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type IN ('table', 'index', "
      "'trigger') AND sql IS NOT NULL AND (type <> 'table' OR name NOT LIKE 'sqlite\\_%' "
      "ESCAPE '\\') ORDER BY type DESC, name");
  std::vector<Object> objects;
  while (query.step()) {
    objects.push_back({.type = std::string{query.text(0)},
                       .name = std::string{query.text(1)},
                       .table = std::string{query.text(2)},
                       .words = words_of(query.text(3))});
  }
  return objects;
}

std::vector<Object> objects_at(int version) {
  Connection memory{":memory:", Connection::Mode::read_write};
  build_schema(memory, version);
  return objects_of(memory);
}

std::vector<Object>::const_iterator find(const std::vector<Object>& in, const Object& object) {
  return std::ranges::find_if(in, [&](const Object& other) {
    return other.type == object.type && small(other.name) == small(object.name);
  });
}

/// Whether something of a stranger's has to do with the log: a trigger may do anything.
bool concerns_log(const Object& object, const std::vector<Object>& ours) {
  if (object.type == "trigger") return true;
  const Object its_table{.type = "table", .name = object.table, .table = {}, .words = {}};
  return object.type == "index" && find(ours, its_table) != ours.end();
}

std::string change_of(const Object& own, std::string_view change) {
  return fmt::format(
      "the {} {} {}: what it guards may have been changed since; hold the log against a head "
      "(pourtocol check --head) or a backup from elsewhere, and go on with a backup (pourtocol "
      "restore)",
      own.type, own.name, change);
}

std::string stranger(const Object& object) {
  return fmt::format(
      "the {} {} on {} is none of this program's: find out who made it and what it did, then "
      "remove it (DROP {})",
      object.type, legible(object.name), legible(object.table),
      object.type == "trigger" ? "TRIGGER" : "INDEX");
}

}  // namespace

std::vector<std::string> schema_faults(Connection& connection) {
  const auto version = static_cast<int>(connection.read_integer("PRAGMA user_version"));
  const std::vector<Object> ours = objects_at(version);
  const std::vector<Object> found = objects_of(connection);
  std::vector<std::string> faults;
  for (const Object& own : ours) {
    const auto there = find(found, own);
    if (there == found.end()) {
      faults.push_back(change_of(own, "is missing"));
    } else if (there->words != own.words || small(there->table) != small(own.table)) {
      faults.push_back(change_of(own, "is not as this program makes it"));
    }
  }
  for (auto object = found.begin(); object != found.end(); ++object) {
    const bool own = find(ours, *object) != ours.end() && find(found, *object) == object;
    if (!own && concerns_log(*object, ours)) faults.push_back(stranger(*object));
  }
  return faults;
}

void expect_own_schema(Connection& connection) {
  const auto faults = schema_faults(connection);
  if (faults.empty()) return;
  throw SqlError{
      SQLITE_CORRUPT,
      fmt::format("{}; pourtocol check tells all there is; it was left as it is", faults.front())};
}

}  // namespace pourtocol::database
