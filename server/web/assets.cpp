#include "server/web/assets.hpp"

#include <algorithm>
#include <cstdlib>

namespace khochung::web {
namespace {

constexpr std::size_t hash_digits = 16;

std::string_view extension_of(const Asset& asset) {
  return asset.name.substr(asset.name.rfind('.'));
}

std::string file_name_of(const Asset& asset) {
  return std::string(asset.sha256.substr(0, hash_digits)) + std::string(extension_of(asset));
}

bool has_address(const Asset& asset) {
  const auto extension = extension_of(asset);
  return extension == ".js" || extension == ".svg" || extension == ".png";
}

}  // namespace

const Asset& asset(std::string_view name) {
  const auto all = assets();
  const auto found = std::ranges::find(all, name, &Asset::name);
  if (found == all.end()) std::abort();
  return *found;
}

std::string address_of(const Asset& asset) {
  return "/assets/" + file_name_of(asset);
}

const Asset* asset_at(std::string_view file_name) {
  for (const auto& candidate : assets()) {
    if (has_address(candidate) && file_name_of(candidate) == file_name) return &candidate;
  }
  return nullptr;
}

}  // namespace khochung::web
