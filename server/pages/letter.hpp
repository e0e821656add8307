#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "schemas/error.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {

/// What a mail says.
struct MailText {
  std::string subject;
  std::string text;
};

/// Puts paragraphs together, parted by empty lines.
class Letter {
 public:
  using Values = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  explicit Letter(Language language) : language_(language) {}

  Letter& say(std::string_view key, Values values = {}) {
    return add(text(language_, key, values));
  }
  Letter& add(std::string_view paragraph) {
    if (!text_.empty()) text_ += '\n';
    text_.append(paragraph).append("\n");
    return *this;
  }
  /// Beneath the line that mail programs know.
  Letter& sign(std::string_view signature) { return add("-- \n" + std::string(signature)); }
  [[nodiscard]] MailText under(std::string_view subject_key, Values values = {}) const {
    return {text(language_, subject_key, values), text_};
  }

 private:
  Language language_;
  std::string text_;
};

}  // namespace khochung::pages
