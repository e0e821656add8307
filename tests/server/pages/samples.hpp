#pragma once

#include <boost/json/value.hpp>
#include <map>
#include <string>

#include "schemas/instant.hpp"
#include "server/pages/pages.hpp"

/// Pages made from the answers under tests/server/pages/samples.
namespace khochung::pages {

/// A sample answer: "search", "material", "batch", "history", "preservation" ….
boost::json::value sample(const std::string& name);

PageContext sample_context(Language language);

/// When the sample of the store's keeping is looked at.
Instant sample_now();

/// The sample material's page 2 with hits on it.
MaterialView sample_view();

/// Every page in every state that matters, by name, made from the samples; with `change` applied to
/// each sample first.
std::map<std::string, std::string> all_pages(Language language,
                                             void (*change)(boost::json::value&) = nullptr);

}  // namespace khochung::pages
