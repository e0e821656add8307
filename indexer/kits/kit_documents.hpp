#pragma once

#include <string>
#include <vector>

#include "schemas/material.hpp"

/// What a press kit says in files of its own, from what its editor wrote. Pure: the same kit gives
/// the same bytes.
namespace khochung::kits {

/// An item with its place in the kit and the words that go with it, none left to the material.
struct PlacedItem {
  std::string path;  ///< in the ZIP
  std::string caption;
  std::string credit;
  std::string terms;
  KitFile file;
};

/// A version that is about to be published, as its documents need it.
struct Edition {
  const Material& material;  ///< the kit
  std::string unit;          ///< name of its owner
  KitVersion version;
  std::vector<PlacedItem> items;
};

/// The release with quotations and contact, as plain text.
std::string release_text(const Edition& edition);
/// The same for Word. Errors: bad_input.
Result<std::string> release_document(const Edition& edition);
/// Captions, credits and terms: a row a file. Source: RFC 4180.
std::string captions_table(const Edition& edition);
/// The same as a page that opens in any browser, with the pictures that lie beside it.
std::string captions_page(const Edition& edition);
/// What lies as a text beside a picture: caption, credit, terms.
std::string words_beside(const PlacedItem& item);
/// The terms of the kit as a whole.
std::string terms_text(const Edition& edition);

}  // namespace khochung::kits
