#pragma once

#include <string>
#include <vector>

#include "schemas/material.hpp"
#include "storage/derivatives/derivative_store.hpp"

namespace khochung::pipeline {

/// Where a page of a material stands: a material's pages are those of its files, one file after
/// another.
struct PagePlace {
  const MaterialFile* file = nullptr;
  int page = 1;  ///< 1-based, within the file
};

/// Errors: not_found when the material has no such page.
Result<PagePlace> locate_page(const Material& material, int number,
                              const storage::DerivativeStore& derivatives);

/// The texts of all pages; a file that is not read yet gives none.
std::vector<std::string> page_texts(const Material& material,
                                    const storage::DerivativeStore& derivatives);

/// How many pages have been read; whether any file has real pages (not one long text).
struct PageCount {
  int pages = 0;
  bool has_pages = false;
};
PageCount count_pages(const Material& material, const storage::DerivativeStore& derivatives);

}  // namespace khochung::pipeline
