#pragma once

#include <span>
#include <string>
#include <string_view>

/// What the pages are made of, embedded into the binary at build time (embed.cmake).
namespace khochung::web {

/// A file of server/web.
struct Asset {
  std::string_view name;  ///< relative to server/web: "app.js", "templates/front.mustache"
  std::string_view bytes;
  std::string_view sha256;  ///< 64 hex digits of `bytes`
  std::string_view media_type;
};

/// All of them.
std::span<const Asset> assets();

/// The asset of that name; aborts when the build has none, as names are written in our code.
const Asset& asset(std::string_view name);

/// The address under which a browser gets an asset: "/assets/<16 hex>.js". It changes with the
/// bytes, so an answer may be kept for ever (`Cache-Control: public, max-age=31536000, immutable`).
std::string address_of(const Asset& asset);

/// The asset that "/assets/<file_name>" names; null when there is none. Templates and texts have no
/// address.
const Asset* asset_at(std::string_view file_name);

}  // namespace khochung::web
