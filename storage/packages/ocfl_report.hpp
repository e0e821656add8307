#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace khochung::storage {

/// One thing that an OCFL validator has to say.
struct OcflFinding {
  /// "E092", "W004": the specification's own code. E breaks a MUST, W a SHOULD.
  /// Source: https://ocfl.io/1.1/spec/validation-codes.html
  std::string code;
  /// The file or folder, relative to what was judged; may be empty.
  std::string where;
  std::string what;
};

/// What was found in an object or a storage root.
class OcflReport {
 public:
  /// A hostile object can break a rule a million times; more is counted and not kept.
  static constexpr std::size_t max_findings = 1000;

  void add(std::string_view code, std::string_view where, std::string what) {
    (code.starts_with('E') ? errors_ : warnings_) += 1;
    if (findings_.size() < max_findings) {
      findings_.push_back({std::string(code), std::string(where), std::move(what)});
    }
  }
  /// The findings of an object that stands at `where`.
  void add(std::string_view where, const OcflReport& of_object) {
    errors_ += of_object.errors_;
    warnings_ += of_object.warnings_;
    for (const auto& finding : of_object.findings_) {
      if (findings_.size() == max_findings) return;
      findings_.push_back({finding.code, std::string(where) + "/" + finding.where, finding.what});
    }
  }

  [[nodiscard]] bool is_valid() const { return errors_ == 0; }
  [[nodiscard]] std::size_t errors() const { return errors_; }
  [[nodiscard]] std::size_t warnings() const { return warnings_; }
  [[nodiscard]] const std::vector<OcflFinding>& findings() const { return findings_; }

 private:
  std::vector<OcflFinding> findings_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

}  // namespace khochung::storage
