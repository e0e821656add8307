#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Where documents' numbers stand in a text. Only for the inside of this room.
namespace khochung::text {

struct DocumentNumber {
  std::size_t begin = 0;  ///< bytes of the text
  std::size_t end = 0;
  std::string canonical;  ///< as document_numbers gives it
};

/// Every number named, in order, repeated ones too.
std::vector<DocumentNumber> find_document_numbers(std::string_view utf8);

}  // namespace khochung::text
