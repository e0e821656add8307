#pragma once

#include <boost/json/object.hpp>

#include "server/api/services.hpp"

namespace khochung::api {

/// Adds to a material what the vocabularies call its kind (`kind_label`) and its concepts:
/// `theme_label` and the like in one line, `concepts` as {theme: [{id, label}], …}.
void add_labels(boost::json::object& material, const Services& services, Language language);

}  // namespace khochung::api
