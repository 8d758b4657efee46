export const HOME = 'us-east-1';
export const REGIONS: readonly string[] = [HOME, 'eu-west-1', 'ap-south-1'];
