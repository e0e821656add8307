#include "schemas/mail_address.hpp"

#include <algorithm>

namespace khochung {
namespace {

constexpr std::size_t longest_address = 254;
constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_label = 63;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Source: RFC 5322, 3.2.3, "atext".
bool is_atom_letter(char c) {
  return is_letter_or_digit(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= longest_label && !label.starts_with('-') &&
         !label.ends_with('-') &&
         std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_atom(std::string_view atom) {
  return !atom.empty() && std::ranges::all_of(atom, is_atom_letter);
}

/// Whether each part between dots is what `is_part` wants.
template <typename IsPart>
bool is_dotted(std::string_view text, IsPart is_part) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find('.', begin), text.size());
    if (!is_part(text.substr(begin, end - begin))) return false;
    begin = end + 1;
  }
  return true;
}

}  // namespace

Result<MailAddress> MailAddress::parse(std::string_view text) {
  const auto at = text.rfind('@');
  const bool is_good = text.size() <= longest_address && at != std::string_view::npos &&
                       at <= longest_name && is_dotted(text.substr(0, at), is_atom) &&
                       is_dotted(text.substr(at + 1), is_label);
  if (!is_good) return fail(ErrorCode::bad_input, "mail_address", "this is no mail address");
  return MailAddress(text);
}

std::string_view MailAddress::domain() const {
  return std::string_view(text_).substr(text_.rfind('@') + 1);
}

std::string MailAddress::folded() const {
  auto folded = text_;
  std::ranges::transform(folded, folded.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return folded;
}

}  // namespace khochung
