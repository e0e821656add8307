#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace khochung {

/// Reads members of a JSON object by name; a member that is absent or of another type gives the
/// empty value. For our own records and for requests whose fields are checked afterwards.
class JsonReader {
 public:
  explicit JsonReader(const boost::json::value& value) : object_(value.if_object()) {}
  /// It only looks: what it looks at must live.
  explicit JsonReader(const boost::json::value&&) = delete;

  [[nodiscard]] const boost::json::value* find(std::string_view name) const {
    return object_ == nullptr ? nullptr : object_->if_contains(name);
  }
  [[nodiscard]] std::string string(std::string_view name) const {
    const auto* value = find(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
  }
  [[nodiscard]] std::int64_t integer(std::string_view name) const {
    const auto* value = find(name);
    if (value == nullptr) return 0;
    if (value->is_int64()) return value->get_int64();
    return value->is_uint64() ? static_cast<std::int64_t>(value->get_uint64()) : 0;
  }
  [[nodiscard]] bool boolean(std::string_view name) const {
    const auto* value = find(name);
    return value != nullptr && value->is_bool() && value->get_bool();
  }
  [[nodiscard]] std::vector<std::string> strings(std::string_view name) const {
    std::vector<std::string> found;
    const auto* value = find(name);
    if (value == nullptr || !value->is_array()) return found;
    for (const auto& item : value->get_array()) {
      if (item.is_string()) found.emplace_back(item.get_string());
    }
    return found;
  }

 private:
  const boost::json::object* object_;
};

}  // namespace khochung
