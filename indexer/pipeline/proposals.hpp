#pragma once

#include <string>
#include <string_view>

#include "indexer/text/official_document.hpp"
#include "schemas/material.hpp"
#include "schemas/unit_tree.hpp"

namespace khochung::pipeline {

/// What a file's pages say of it.
struct Proposals {
  text::OfficialFacts facts;
  std::string title;  ///< empty: none
  std::string language;
};

/// Reads proposals off the first and the last page of a file of that type. A table's first row is
/// not proposed as a title.
Proposals proposals_from(std::string_view media_type, const std::string& first_page,
                         const std::string& last_page);

/// An issuer as it writes itself, if it is `owner` or a unit above: OCR loses marks of capitals.
/// Any other comes back as it is.
std::string issuer_as_known(std::string issuer, const UnitTree& tree, UnitId owner);

/// Puts proposals where nobody said anything: empty fields, and a title that is only the file's
/// name.
void fill_in(Material& material, const Proposals& proposals);

/// The title of a material about which nothing is known: its first file's name.
std::string title_from_name(const Material& material);

}  // namespace khochung::pipeline
