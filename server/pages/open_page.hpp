#pragma once

#include <string>

#include "schemas/material.hpp"
#include "server/pages/pages.hpp"
#include "storage/derivatives/derivative_store.hpp"

namespace khochung::pages {

/// Fills in what stands on the page `view.page`: its text, its size, the boxes around `view.query`.
void open_page(const storage::DerivativeStore& derivatives, const Material& material,
               MaterialView& view);

/// The number of a page as an address has it; 1 for what is none.
int page_number(const std::string& text);

}  // namespace khochung::pages
