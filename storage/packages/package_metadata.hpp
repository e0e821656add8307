#pragma once

#include <string>
#include <vector>

#include "storage/packages/package_history.hpp"

namespace khochung::storage {

/// The material as Dublin Core says it: the oai_dc record of OAI-PMH.
/// Source: http://www.openarchives.org/OAI/2.0/oai_dc.xsd
std::string dublin_core_xml(const Material& material);

/// The material's files, what happened to them and who did it, as PREMIS says it: the events that
/// follow from the records (ingestion, metadata modification, replacement) and those given.
/// Source: PREMIS Data Dictionary 3.0, https://www.loc.gov/standards/premis/v3/premis-v3-0.xsd
std::string premis_xml(const PackagedHistory& history, const std::vector<Material>& revisions,
                       const std::vector<PlacedFile>& files,
                       const std::vector<PreservationEvent>& events);

/// The given events, one JSON object a line; read back by events_from_lines.
std::string lines_of_events(const std::vector<PreservationEvent>& events);
/// Errors: corrupt.
Result<std::vector<PreservationEvent>> events_from_lines(std::string_view text);

}  // namespace khochung::storage
