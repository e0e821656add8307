#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

struct _xmlTextReader;

namespace khochung::workers {

/// One step through an XML document.
class XmlStep {
 public:
  enum class Kind { start, end, text };

  XmlStep(Kind kind, std::string_view name, std::string_view text, _xmlTextReader* reader)
      : kind_(kind), name_(name), text_(text), reader_(reader) {}

  [[nodiscard]] bool starts(std::string_view name) const {
    return kind_ == Kind::start && name_ == name;
  }
  [[nodiscard]] bool ends(std::string_view name) const {
    return kind_ == Kind::end && name_ == name;
  }
  [[nodiscard]] Kind kind() const { return kind_; }
  /// Local name, without prefix.
  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] std::string_view text() const { return text_; }
  /// Value of an attribute as written ("r:id", "name"); empty when absent. Only at a start.
  [[nodiscard]] std::string attribute(const char* name) const;

 private:
  Kind kind_;
  std::string_view name_;
  std::string_view text_;
  _xmlTextReader* reader_;
};

/// Steps through `xml` in order; an empty element starts and ends. No network, no entity is
/// expanded, no document type is taken.
/// Errors: unsupported "damaged_file".
Result<void> walk_xml(std::string_view xml, const std::function<void(const XmlStep&)>& take);

}  // namespace khochung::workers
