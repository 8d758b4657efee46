/** A region as the ids of its zones begin (EC2 User Guide, "Availability Zone IDs"): `us-east-1` is `use1`. No two regions share one. */
export const regionCode = (region: string): string =>
  region.replace(/north|south|east|west|central/g, ([first = '']) => first).replaceAll('-', '');
