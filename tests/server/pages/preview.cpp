#include <filesystem>
#include <fstream>
#include <iostream>

#include "samples.hpp"
#include "server/web/assets.hpp"

/// Usage: preview_pages FOLDER
int main(int count, char** arguments) {
  using namespace khochung;
  if (count != 2) {
    std::cerr << "usage: preview_pages FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder = arguments[1];
  std::filesystem::create_directories(folder / "assets");
  for (const auto language : {Language::vietnamese, Language::english}) {
    for (const auto& [name, html] : pages::all_pages(language)) {
      const auto suffix = language == Language::vietnamese ? ".vi.html" : ".en.html";
      std::ofstream(folder / (name + suffix)) << html;
    }
  }
  for (const auto* name : {"app.js", "emblem.svg"}) {
    const auto& asset = web::asset(name);
    std::ofstream(folder / web::address_of(asset).substr(1)) << asset.bytes;
  }
  std::ofstream(folder / "policy.txt") << pages::content_security_policy();
  return 0;
}
