// JSON for tests that spoil it.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace pourtocol::protocol {

/// A JSON object as a list of fields, so that a test can leave one out or spoil it.
class Json {
 public:
  Json(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_{fields} {}

  [[nodiscard]] Json with(const std::string& name, const std::string& value) const {
    Json changed = without(name);
    changed.fields_.emplace_back(name, value);
    return changed;
  }
  [[nodiscard]] Json without(const std::string& name) const {
    Json changed = *this;
    std::erase_if(changed.fields_, [&](const auto& field) { return field.first == name; });
    return changed;
  }
  [[nodiscard]] Json doubling(const std::string& name) const {
    Json changed = *this;
    for (const auto& field : fields_) {
      if (field.first == name) changed.fields_.push_back(field);
    }
    return changed;
  }
  [[nodiscard]] Json and_all_of(const Json& other) const {
    Json changed = *this;
    changed.fields_.insert(changed.fields_.end(), other.fields_.begin(), other.fields_.end());
    return changed;
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& [name, value] : fields_) result.push_back(name);
    return result;
  }
  [[nodiscard]] std::string text() const {
    std::string result;
    for (const auto& [name, value] : fields_) {
      result += (result.empty() ? "{\"" : ",\"") + name + "\":" + value;
    }
    return result.empty() ? "{}" : result + "}";
  }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace pourtocol::protocol
