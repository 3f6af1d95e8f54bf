(** Numbers of the known answers (blueprint, section 5). Written by cases.py from known_answers.json beside this
    file, which the Python tests read too: do not edit.

    Definitions: one real constant per number, [case3_loss_end] for the number loss_end of case3; the comment over
    each case says what the case is.
    Statements: none; known_answers.v states its examples with these constants. *)

From Coq Require Import Reals.
Open Scope R_scope.

Create HintDb cases.

(** case1: L1c: (u, v) = (3, -2): 13 <= 25; (3, 1): 4 = 4 *)
Definition case1_u : R := 3.
Definition case1_v : R := - (2).
Definition case1_left : R := 13.
Definition case1_right : R := 25.
Definition case1_v_same_sign : R := 1.
Definition case1_both : R := 4.
Global Hint Unfold case1_u case1_v case1_left case1_right case1_v_same_sign case1_both : cases.

(** case2: L2: X = +-1 seen as (x, 1): sigma = 1, a = (0, 1), b = 0, the norm is 1 *)
Definition case2_sigma : R := 1.
Definition case2_norm : R := 1.
Global Hint Unfold case2_sigma case2_norm : cases.

(** case3: L3/T1: points (1,0), (0,1); w = (1,0), (3,4); V = (1,1); U = 0; Y = (4,4) *)
Definition case3_y : R := 4.
Definition case3_w_2_1 : R := 3.
Definition case3_w_2_2 : R := 4.
Definition case3_sigma_squared : R := 1 / 2.
Definition case3_c : R := 3.
Definition case3_mass_2 : R := 5.
Definition case3_sine : R := 4 / 5.
Definition case3_D_squared : R := 8.
Definition case3_loss_start : R := 0.
Definition case3_f_half_1 : R := 4.
Definition case3_f_half_2 : R := 2.
Definition case3_loss_half : R := 2.
Definition case3_f_end_1 : R := 4.
Definition case3_f_end_2 : R := 0.
Definition case3_loss_end : R := 8.
Definition case3_star_w : R := 1.
Definition case3_star_v : R := 4.
Definition case3_maximum : R := 8.
Global Hint Unfold case3_y case3_w_2_1 case3_w_2_2 case3_sigma_squared case3_c case3_mass_2 case3_sine case3_D_squared case3_loss_start case3_f_half_1 case3_f_half_2 case3_loss_half case3_f_end_1 case3_f_end_2 case3_loss_end case3_star_w case3_star_v case3_maximum : cases.

(** case5: L4 RESIDUAL: x = 1, w = (1,2), V = A = (1,1), U = (1,5); the PARALLEL move is wrong *)
Definition case5_w_1 : R := 1.
Definition case5_w_2 : R := 2.
Definition case5_U_1 : R := 1.
Definition case5_U_2 : R := 5.
Definition case5_f : R := 21.
Definition case5_half_w_2 : R := 1.
Definition case5_half_V_1 : R := 2.
Definition case5_half_U_2 : R := 4.
Definition case5_end_w_2 : R := 0.
Definition case5_end_V_1 : R := 3.
Definition case5_end_U_2 : R := 3.
Definition case5_f_wrong : R := 12.
Global Hint Unfold case5_w_1 case5_w_2 case5_U_1 case5_U_2 case5_f case5_half_w_2 case5_half_V_1 case5_half_U_2 case5_end_w_2 case5_end_V_1 case5_end_U_2 case5_f_wrong : cases.

(** case7: L10: w = (1,3), V = (1,2), A = (-3,1), U = (3,-2), c = 3, Lip 1: S along the RESIDUAL move *)
Definition case7_w_1 : R := 1.
Definition case7_w_2 : R := 3.
Definition case7_V_1 : R := 1.
Definition case7_V_2 : R := 2.
Definition case7_A_1 : R := - (3).
Definition case7_A_2 : R := 1.
Definition case7_U_1 : R := 3.
Definition case7_U_2 : R := - (2).
Definition case7_c : R := 3.
Definition case7_product : R := - (1).
Definition case7_S_start : R := 13.
Definition case7_S_half : R := 10.
Definition case7_S_end : R := 7.
Definition case7_rest : R := 7.
Definition case7_wrong_start : R := 6.
Definition case7_root_start : R := 65.
Definition case7_wrong_half : R := 15.
Definition case7_root_half : R := 41.
Global Hint Unfold case7_w_1 case7_w_2 case7_V_1 case7_V_2 case7_A_1 case7_A_2 case7_U_1 case7_U_2 case7_c case7_product case7_S_start case7_S_half case7_S_end case7_rest case7_wrong_start case7_root_start case7_wrong_half case7_root_half : cases.

(** case9: Routes at m = 1000, l = 10, sigma = S = 1: R4; R7 without a branch is its number times sqrt l *)
Definition case9_m : R := 1000.
Definition case9_l : R := 10.
Definition case9_R4 : R := 1 / 100.
Definition case9_R7 : R := 2 / 981.
Global Hint Unfold case9_m case9_l case9_R4 case9_R7 : cases.

(** case13: T5: x = +1, -1; y = (1, -2): valley loss 2, depth 1/2; with V z the loss falls as 2 (1 - t)^2 *)
Definition case13_y_1 : R := 1.
Definition case13_y_2 : R := - (2).
Definition case13_loss : R := 2.
Definition case13_depth : R := 1 / 2.
Definition case13_loss_other_side : R := 1 / 2.
Definition case13_V_end : R := - (2).
Global Hint Unfold case13_y_1 case13_y_2 case13_loss case13_depth case13_loss_other_side case13_V_end : cases.

(** case14: Hidden: PARALLEL z = 1, V: 0 -> 7, A: -1 -> 6, U = -7/6, q = ReLU, y = 0 *)
Definition case14_V_end : R := 7.
Definition case14_A_start : R := - (1).
Definition case14_A_end : R := 6.
Definition case14_U : R := - (7 / 6).
Definition case14_maximum : R := 1.
Definition case14_at : R := 1 / 7.
Definition case14_grid_at : R := 3 / 20.
Definition case14_grid_value : R := 14161 / 14400.
Global Hint Unfold case14_V_end case14_A_start case14_A_end case14_U case14_maximum case14_at case14_grid_at case14_grid_value : cases.

(** case15: General: RESIDUAL z = U = 1, V: 2 -> 0, A: 0 -> 4, y = 0 *)
Definition case15_V_start : R := 2.
Definition case15_A_end : R := 4.
Definition case15_loss_start : R := 4.
Definition case15_loss_end : R := 0.
Definition case15_maximum : R := 625 / 64.
Definition case15_at : R := 3 / 8.
Global Hint Unfold case15_V_start case15_A_end case15_loss_start case15_loss_end case15_maximum case15_at : cases.

(** case16: A valley of a skip network: n = 1, no biases, x = +1, -1, y = (1, -2), m = 1 *)
Definition case16_y_1 : R := 1.
Definition case16_y_2 : R := - (2).
Definition case16_loss : R := 2.
Definition case16_loss_other_side : R := 1 / 2.
Definition case16_loss_zero : R := 5 / 2.
Definition case16_depth : R := 1 / 2.
Definition case16_depth_two_neurons : R := 0.
Global Hint Unfold case16_y_1 case16_y_2 case16_loss case16_loss_other_side case16_loss_zero case16_depth case16_depth_two_neurons : cases.

(** exchange: L9 without a free slot: X = I, y = (1, -1), two neurons change places *)
Definition exchange_y_1 : R := 1.
Definition exchange_y_2 : R := - (1).
Definition exchange_loss : R := 0.
Definition exchange_barrier : R := 1 / 2.
Global Hint Unfold exchange_y_1 exchange_y_2 exchange_loss exchange_barrier : cases.
