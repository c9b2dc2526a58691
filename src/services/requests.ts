export { asRequest, DoneBefore } from '../store/requests.ts';
