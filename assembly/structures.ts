/**
 * Where the fields of the structures lie that JavaScript writes (src/kernels/wasm-structures.ts), so that it writes
 * them by name: Structure_field, in bytes from where the structure begins. f32 fields are of `Equation`.
 */
import { Ease } from "./ease";
import { PartnerSearch } from "./partners";
import { Search } from "./search";
import { Rows, System } from "./system";

export const Search_SIZE: u32 = <u32>offsetof<Search>();
export const Search_queries: u32 = <u32>offsetof<Search>("queries");
export const Search_queryCodes: u32 = <u32>offsetof<Search>("queryCodes");
export const Search_queryBounds: u32 = <u32>offsetof<Search>("queryBounds");
export const Search_d: u32 = <u32>offsetof<Search>("d");
export const Search_vectors: u32 = <u32>offsetof<Search>("vectors");
export const Search_panels: u32 = <u32>offsetof<Search>("panels");
export const Search_panelBounds: u32 = <u32>offsetof<Search>("panelBounds");
export const Search_parts: u32 = <u32>offsetof<Search>("parts");
export const Search_queryLengths: u32 = <u32>offsetof<Search>("queryLengths");
export const Search_panelLengths: u32 = <u32>offsetof<Search>("panelLengths");
export const Search_itemCount: u32 = <u32>offsetof<Search>("itemCount");
export const Search_k: u32 = <u32>offsetof<Search>("k");
export const Search_excludedBounds: u32 = <u32>offsetof<Search>("excludedBounds");
export const Search_excluded: u32 = <u32>offsetof<Search>("excluded");
export const Search_eligible: u32 = <u32>offsetof<Search>("eligible");
export const Search_additions: u32 = <u32>offsetof<Search>("additions");
export const Search_scores: u32 = <u32>offsetof<Search>("scores");
export const Search_items: u32 = <u32>offsetof<Search>("items");
export const Search_counts: u32 = <u32>offsetof<Search>("counts");

export const System_SIZE: u32 = <u32>offsetof<System>();
export const System_z: u32 = <u32>offsetof<System>("z");
export const System_f: u32 = <u32>offsetof<System>("f");
export const System_multiplicity: u32 = <u32>offsetof<System>("multiplicity");
export const System_shift: u32 = <u32>offsetof<System>("shift");
export const Equation_weightSlope: u32 = <u32>offsetof<System>("weightSlope");
export const Equation_weightIntercept: u32 = <u32>offsetof<System>("weightIntercept");
export const Equation_targetSlope: u32 = <u32>offsetof<System>("targetSlope");
export const Equation_targetIntercept: u32 = <u32>offsetof<System>("targetIntercept");
export const System_spectrum: u32 = <u32>offsetof<System>("spectrum");

export const Rows_SIZE: u32 = <u32>offsetof<Rows>();
export const Rows_indptr: u32 = <u32>offsetof<Rows>("indptr");
export const Rows_indices: u32 = <u32>offsetof<Rows>("indices");
export const Rows_values: u32 = <u32>offsetof<Rows>("values");
export const Rows_excess: u32 = <u32>offsetof<Rows>("excess");
export const Rows_factors: u32 = <u32>offsetof<Rows>("factors");
export const Rows_weights: u32 = <u32>offsetof<Rows>("weights");

export const Ease_SIZE: u32 = <u32>offsetof<Ease>();
export const Ease_matrix: u32 = <u32>offsetof<Ease>("matrix");
export const Ease_n: u32 = <u32>offsetof<Ease>("n");
export const Ease_items: u32 = <u32>offsetof<Ease>("items");
export const Ease_userBounds: u32 = <u32>offsetof<Ease>("userBounds");
export const Ease_userItems: u32 = <u32>offsetof<Ease>("userItems");
export const Ease_itemBounds: u32 = <u32>offsetof<Ease>("itemBounds");
export const Ease_itemUsers: u32 = <u32>offsetof<Ease>("itemUsers");
export const Ease_columns: u32 = <u32>offsetof<Ease>("columns");
export const Ease_solved: u32 = <u32>offsetof<Ease>("solved");
export const Ease_pivot: u32 = <u32>offsetof<Ease>("pivot");
export const Ease_work: u32 = <u32>offsetof<Ease>("work");
export const Ease_diagonal: u32 = <u32>offsetof<Ease>("diagonal");
export const Ease_scores: u32 = <u32>offsetof<Ease>("scores");
export const Ease_k: u32 = <u32>offsetof<Ease>("k");
export const Ease_weights: u32 = <u32>offsetof<Ease>("weights");
export const Ease_targets: u32 = <u32>offsetof<Ease>("targets");
export const Ease_counts: u32 = <u32>offsetof<Ease>("counts");

export const PartnerSearch_SIZE: u32 = <u32>offsetof<PartnerSearch>();
export const PartnerSearch_userBounds: u32 = <u32>offsetof<PartnerSearch>("userBounds");
export const PartnerSearch_userItems: u32 = <u32>offsetof<PartnerSearch>("userItems");
export const PartnerSearch_itemBounds: u32 = <u32>offsetof<PartnerSearch>("itemBounds");
export const PartnerSearch_itemUsers: u32 = <u32>offsetof<PartnerSearch>("itemUsers");
export const PartnerSearch_k: u32 = <u32>offsetof<PartnerSearch>("k");
export const PartnerSearch_sharedFirst: u32 = <u32>offsetof<PartnerSearch>("sharedFirst");
export const PartnerSearch_first: u32 = <u32>offsetof<PartnerSearch>("first");
export const PartnerSearch_partners: u32 = <u32>offsetof<PartnerSearch>("partners");
export const PartnerSearch_together: u32 = <u32>offsetof<PartnerSearch>("together");
export const PartnerSearch_counts: u32 = <u32>offsetof<PartnerSearch>("counts");
